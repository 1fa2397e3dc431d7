import * as v from 'valibot';
import { isDigest } from '../oci/digest.ts';
import { parseRepositoryName } from '../oci/reference.ts';
import { parseDuration } from './duration.ts';
import { compileTagPattern } from './tag-pattern.ts';

const duration = v.pipe(
  v.string(),
  v.check((text) => parseDuration(text) !== undefined, 'write a whole number and s, m, h, d or w, such as 12h or 2d'),
  v.description('A whole number and s, m, h, d or w, such as 12h or 2d.'),
);

const tagPattern = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    try {
      compileTagPattern(dataset.value);
    } catch (error) {
      addIssue({ message: `"${dataset.value}" is not a tag pattern: ${(error as Error).message}` });
    }
  }),
  v.description('A tag, a glob, /a regular expression/ or semver:RANGE; ! before it takes matches away.'),
);

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const keep = v.union([
  v.literal('all'),
  v.pipe(
    v.strictObject({
      last: v.optional(v.pipe(count, v.description('The newest N versions of the channel.'))),
      'younger-than': v.optional(duration),
      semver: v.optional(v.picklist(['all', 'newest-per-minor', 'newest-per-major'])),
      'younger-than-replacement': v.optional(
        v.pipe(v.literal(true), v.description('Also releases pushed after the higher one that takes their place.')),
      ),
      while: v.optional(
        v.pipe(
          v.picklist(['pull-request-open', 'branch-exists']),
          v.description('Tags of open pull requests (pr-7, pr-7-abc), or of branches of the repository.'),
        ),
      ),
    }),
    v.check((given) => Object.keys(given).length > 0, 'say what to keep: last, younger-than, semver, while or all'),
    v.check(
      (given) => given['younger-than-replacement'] === undefined || (given.semver ?? '').startsWith('newest'),
      'younger-than-replacement needs semver: newest-per-minor or newest-per-major',
    ),
  ),
]);

const channel = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower-case letters, digits and dashes')),
  match: v.pipe(v.array(tagPattern), v.minLength(1)),
  keep,
});

function isRepository(text: string): boolean {
  try {
    parseRepositoryName(text);
    return true;
  } catch {
    return false;
  }
}

const rules = {
  channels: v.optional(
    v.pipe(
      v.array(channel),
      v.minLength(1),
      v.check((all) => new Set(all.map((one) => one.name)).size === all.length, 'two channels have the same name'),
      v.description('A tag belongs to the first channel that matches it; a tag of no channel is kept.'),
    ),
  ),
  untagged: v.optional(v.strictObject({ 'delete-after': v.union([v.literal('never'), duration]) })),
  protect: v.optional(
    v.strictObject({
      tags: v.optional(v.array(tagPattern)),
      digests: v.optional(v.array(v.pipe(v.string(), v.check(isDigest, 'not a sha256: digest')))),
      files: v.optional(
        v.pipe(
          v.array(v.pipe(v.string(), v.minLength(1))),
          v.description(
            'Files of the workspace, or globs; every digest and tag of the package that they name is kept.',
          ),
        ),
      ),
      git: v.optional(
        v.pipe(
          v.array(
            v.strictObject({
              repository: v.optional(
                v.pipe(
                  v.string(),
                  v.regex(/^[\w.-]+\/[\w.-]+$/, 'write owner/name'),
                  v.description('As owner/name; default the repository of the run.'),
                ),
              ),
              refs: v.pipe(
                v.array(v.pipe(v.string(), v.minLength(1))),
                v.minLength(1),
                v.description('Branches, tags or commits; with * all branches that match.'),
              ),
              files: v.pipe(
                v.array(v.pipe(v.string(), v.minLength(1))),
                v.minLength(1),
                v.description('Paths; * within a segment, ** for anything.'),
              ),
            }),
          ),
          v.description('Files at git refs, through the API of GitHub; what they name of the package is kept.'),
        ),
      ),
      history: v.optional(
        v.strictObject({
          keep: v.pipe(
            count,
            v.description(
              'How many digests that a channel tag had before are kept, by the promotion records, so that a rollback has its target; default 5, 0 for none.',
            ),
          ),
          tags: v.optional(
            v.pipe(
              v.array(tagPattern),
              v.minLength(1),
              v.description(
                'Of which tags; default latest, prod and their like, and tags that a rule names without a wildcard.',
              ),
            ),
          ),
        }),
      ),
      deployments: v.optional(
        v.strictObject({
          environments: v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1)),
          keep: v.optional(v.pipe(count, v.minValue(1), v.description('The newest N successful ones; default 3.'))),
        }),
      ),
    }),
  ),
  'protect-from': v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.check(isRepository, 'write a repository, such as quay.io/acme/app'))),
      v.description(
        'Other repositories, of this registry or another; what is tagged there, and what indexes there name, is kept here.',
      ),
    ),
  ),
  'evidence-of': v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.check(isRepository, 'write a repository, such as ghcr.io/acme/app'))),
      v.description(
        'Repositories of the images that the signatures in this package are about; those of images that are in none of them any more go.',
      ),
    ),
  ),
  guards: v.optional(
    v.strictObject({
      'max-deletes': v.optional(count),
      'max-percent': v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(100))),
      'min-survivors': v.optional(
        v.pipe(count, v.description('What a channel keeps at least, unless its own rule says `last: 0`; default 1.')),
      ),
    }),
  ),
};

/** The `retention:` section of the policy file. `packages` overrides single keys for the packages it matches. */
export const retentionSection = v.strictObject({
  ...rules,
  packages: v.optional(
    v.array(
      v.strictObject({
        match: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[a-z0-9._/*?-]+$/))), v.minLength(1)),
        ...rules,
      }),
    ),
  ),
});

export type RetentionSection = v.InferOutput<typeof retentionSection>;
export type ChannelRule = v.InferOutput<typeof channel>;
