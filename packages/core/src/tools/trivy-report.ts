import * as v from 'valibot';

const text = () => v.exactOptional(v.string());
const number = () => v.exactOptional(v.number());
const list = <S extends v.GenericSchema>(item: S) => v.exactOptional(v.array(item));
const layer = () => v.exactOptional(v.object({ Digest: text(), DiffID: text() }));

const vulnerability = v.object({
  VulnerabilityID: v.string(),
  VendorIDs: list(v.string()),
  PkgID: text(),
  PkgName: v.string(),
  PkgPath: text(),
  PkgIdentifier: v.exactOptional(v.object({ PURL: text(), UID: text() })),
  InstalledVersion: text(),
  FixedVersion: text(),
  Status: text(),
  Layer: layer(),
  SeveritySource: text(),
  PrimaryURL: text(),
  DataSource: v.exactOptional(v.object({ ID: text(), Name: text(), URL: text() })),
  Title: text(),
  Description: text(),
  Severity: text(),
  CweIDs: list(v.string()),
  CVSS: v.exactOptional(v.record(v.string(), v.looseObject({}))),
  References: list(v.string()),
  PublishedDate: text(),
  LastModifiedDate: text(),
});

const secret = v.object({
  RuleID: v.string(),
  Category: text(),
  Severity: text(),
  Title: text(),
  StartLine: number(),
  EndLine: number(),
  Match: text(),
  /** Not of trivy: what tells this secret from others (stages/scan/secret-sketch). */
  Sketch: text(),
  Layer: layer(),
});

const misconfiguration = v.object({
  Type: text(),
  ID: v.string(),
  AVDID: text(),
  Title: text(),
  Description: text(),
  Message: text(),
  Resolution: text(),
  Severity: text(),
  PrimaryURL: text(),
  Status: text(),
  CauseMetadata: v.exactOptional(v.object({ Resource: text(), StartLine: number(), EndLine: number() })),
});

const result = v.object({
  Target: v.string(),
  Class: text(),
  Type: text(),
  Packages: list(
    v.object({
      ID: text(),
      Name: text(),
      Version: text(),
      Release: text(),
      Epoch: number(),
      FilePath: text(),
      Identifier: v.exactOptional(v.object({ PURL: text(), UID: text(), BOMRef: text() })),
      SrcName: text(),
      SrcVersion: text(),
      SrcRelease: text(),
      SrcEpoch: number(),
      Modularitylabel: text(),
      Maintainer: text(),
      Licenses: list(v.string()),
      DependsOn: list(v.string()),
      Digest: text(),
      Layer: layer(),
    }),
  ),
  Vulnerabilities: list(vulnerability),
  Misconfigurations: list(misconfiguration),
  Secrets: list(secret),
});

/** The part of trivy's JSON report (schema version 2) that is used. */
export const trivyReport = v.object({
  SchemaVersion: v.literal(2),
  Trivy: v.exactOptional(v.object({ Version: text() })),
  CreatedAt: text(),
  ArtifactName: text(),
  ArtifactType: text(),
  Metadata: v.exactOptional(
    v.object({
      OS: v.exactOptional(v.object({ Family: text(), Name: text(), EOSL: v.exactOptional(v.boolean()) })),
      ImageID: text(),
      DiffIDs: list(v.string()),
      ImageConfig: v.exactOptional(
        v.object({
          history: list(v.object({ created_by: text(), empty_layer: v.exactOptional(v.boolean()) })),
        }),
      ),
    }),
  ),
  Results: list(result),
});

export type TrivyReport = v.InferOutput<typeof trivyReport>;
export type TrivyResult = v.InferOutput<typeof result>;
