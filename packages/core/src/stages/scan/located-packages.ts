import type { TrivyReport } from '../../tools/trivy.ts';
import { languageFile } from './trivy-findings.ts';

/** A package of an image. */
export interface LocatedPackage {
  /** As the package calls itself. */
  readonly name: string;
  /** With version. */
  readonly purl: string;
  readonly version: string;
  /** The file of the package itself, else the lockfile or binary that lists it; absent for what has none. */
  readonly path?: string | undefined;
}

/** The packages of a report, each where a finding of the same report would be. */
export function locatedPackages({ Results }: TrivyReport): readonly LocatedPackage[] {
  return (Results ?? []).flatMap((result) =>
    (result.Packages ?? []).flatMap(({ Name: name = '', Identifier, Version: version = '', FilePath }) => {
      const purl = Identifier?.PURL;
      return purl === undefined ? [] : [{ name, purl, version, path: FilePath || languageFile(result) }];
    }),
  );
}
