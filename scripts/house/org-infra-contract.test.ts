import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root } from './actions.mjs';

/**
 * What callers of complytime/org-infra (b120f12) write: they change the `uses:` line and nothing else. `!` is required, a value is
 * the default. An input that is not here is ours: it must not be required, nor may a grant that is not here be asked for.
 */
interface Contract {
  readonly inputs: Readonly<Record<string, string | boolean>>;
  readonly secrets?: Readonly<Record<string, '!' | ''>>;
  readonly outputs: readonly string[];
  /** At most. */
  readonly permissions: Readonly<Record<string, 'read' | 'write'>>;
}

const SEVERITIES = 'HIGH,CRITICAL';

/** The two ways to another registry differ in their defaults alone. */
function promotion(tags: { readonly sha: boolean; readonly semver: boolean }): Contract {
  return {
    inputs: {
      source_registry: 'ghcr.io',
      source_image: '!',
      source_tag: '!',
      dest_registry: 'quay.io',
      dest_image: '',
      dest_tag: '!',
      additional_tags: '',
      include_sha_tags: tags.sha,
      create_semver_tags: tags.semver,
      verify_signature: true,
      verify_source_signature: true,
      allowed_identity_regex: '',
      fail_if_dest_exists: true,
    },
    secrets: { source_token: '', dest_username: '!', dest_password: '!' },
    outputs: ['digest', 'image', 'dest_image_full'],
    permissions: { packages: 'read', 'id-token': 'write' },
  };
}

const CONTRACTS: Readonly<Record<string, Contract>> = {
  publish_ghcr: {
    inputs: {
      component_name: '!',
      containerfile_path: '!',
      context_path: '!',
      image_name: '!',
      image_description: '',
      image_vendor: '',
      force_rebuild: false,
      platforms: 'linux/amd64',
      allow_unprotected_ref: false,
      generate_attestations: 'auto',
      push: true,
    },
    secrets: { org_check_token: '' },
    outputs: ['digest', 'image', 'image_ref', 'tags'],
    permissions: { contents: 'read', actions: 'read', packages: 'write', 'id-token': 'write', attestations: 'write' },
  },
  vuln_scan: {
    inputs: {
      enable_osv: true,
      enable_trivy_source: false,
      enable_trivy_image: false,
      image_ref: '',
      image_digest: '',
      trivy_severity: SEVERITIES,
      trivy_ignorefile: '',
    },
    outputs: ['trivy_image_scan_passed', 'vuln_attestation_attached'],
    permissions: { contents: 'read', actions: 'read', 'security-events': 'write' },
  },
  trivy_image_scan: {
    inputs: { image_ref: '!', image_digest: '', trivy_severity: SEVERITIES },
    outputs: ['scan_passed', 'attestation_attached'],
    permissions: { packages: 'write', 'security-events': 'write', 'id-token': 'write' },
  },
  sign_and_verify: {
    inputs: { image_name: '!', digest: '!', allowed_identity_regex: '!', sign_environment: '', verify_vuln: true },
    secrets: { quay_username: '', quay_password: '' },
    outputs: ['digest', 'image'],
    permissions: { packages: 'write', 'id-token': 'write' },
  },
  publish_oras: {
    inputs: { image_name: '!', artifact_type: '!', paths: '!', image_description: '', sbom_scan_path: '.' },
    outputs: ['digest', 'image', 'sha_tag'],
    permissions: { contents: 'read', actions: 'read', packages: 'write', 'id-token': 'write', attestations: 'write' },
  },
  promote: promotion({ sha: false, semver: true }),
  publish_quay: promotion({ sha: true, semver: false }),
};

interface Declared {
  readonly type?: string;
  readonly required?: boolean;
  readonly default?: unknown;
}
interface Workflow {
  readonly on: {
    readonly workflow_call: {
      readonly inputs: Readonly<Record<string, Declared>>;
      readonly secrets?: Readonly<Record<string, Declared>>;
      readonly outputs?: Readonly<Record<string, unknown>>;
    };
  };
  readonly jobs: Readonly<Record<string, { readonly permissions: Readonly<Record<string, string>> }>>;
}

describe.each(Object.entries(CONTRACTS))('reusable_%s.yml', (name, contract) => {
  const file = path.join(root, '.github/workflows', `reusable_${name}.yml`);
  const { on, jobs } = parse(readFileSync(file, 'utf8')) as Workflow;
  const { inputs, secrets = {}, outputs = {} } = on.workflow_call;

  it.each(Object.entries(contract.inputs))('takes %s, %j', (input, unset) => {
    const declared = inputs[input];
    expect(declared?.type).toBe(typeof unset);
    expect(declared?.required ?? false).toBe(unset === '!');
    expect(declared?.default).toBe(unset === '!' ? undefined : unset);
  });

  it('requires nothing that its callers do not give', () => {
    const ours = Object.keys(inputs).filter((input) => !Object.hasOwn(contract.inputs, input));
    expect(ours.filter((input) => inputs[input]?.required === true)).toEqual([]);
    const required = Object.entries(secrets).map(([secret, declared]) => [secret, declared.required ? '!' : '']);
    expect(Object.fromEntries(required)).toEqual(contract.secrets ?? {});
  });

  it('has the outputs', () => {
    expect(Object.keys(outputs)).toEqual(expect.arrayContaining([...contract.outputs]));
  });

  it('asks for no permission more, of any job: one more and GitHub does not start the run', () => {
    for (const [job, { permissions }] of Object.entries(jobs)) {
      for (const [scope, level] of Object.entries(permissions)) {
        const granted = contract.permissions[scope];
        expect(granted === 'write' || granted === level, `${job}: ${scope}: ${level}`).toBe(true);
      }
    }
  });
});
