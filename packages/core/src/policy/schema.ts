import * as v from 'valibot';
import { limitsSection } from './limits.ts';
import { retentionSection } from './retention-section.ts';
import { scanSection } from './scan-section.ts';
import { signSection } from './sign-section.ts';
import { tagsSection } from './tags.ts';
import { verifySection } from './verify-section.ts';

/** The whole file. Unknown keys are errors: a mistyped rule that is silently ignored is a gate left open. */
export const policySchema = v.strictObject({
  scan: v.optional(scanSection, {}),
  sign: v.optional(signSection, {}),
  verify: v.optional(verifySection, {}),
  tags: v.optional(tagsSection, {}),
  retention: v.optional(retentionSection),
  limits: v.optional(limitsSection, {}),
});

export type Policy = Readonly<v.InferOutput<typeof policySchema>>;
