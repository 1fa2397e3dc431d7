// Writes the generated documentation, or with --check says which file is out of date.
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { actionDocuments } from './house/action-docs.mjs';
import { root } from './house/actions.mjs';
import { imagesSchemaDocument } from './house/images-schema.mjs';
import { policyReferenceDocument } from './house/policy-reference.mjs';
import { policySchemaDocument } from './house/policy-schema.mjs';
import { planSchemaDocument } from './house/plan-schema.mjs';
import { reportSchemaDocument } from './house/report-schema.mjs';
import { troubleshootingDocument } from './house/troubleshooting.mjs';
import { verifyReasonsDocument } from './house/verify-reasons.mjs';

/** @param {string} file */
async function current(file) {
  const full = path.join(root, file);
  return existsSync(full) ? readFile(full, 'utf8') : undefined;
}

/** @param {{ file: string, content: string }} document */
async function write({ file, content }) {
  const full = path.join(root, file);
  await mkdir(path.dirname(full), { recursive: true });
  await writeFile(full, content);
  console.log(`wrote ${file}`);
}

const checkOnly = process.argv.includes('--check');
const documents = [
  ...(await actionDocuments()),
  troubleshootingDocument(),
  policySchemaDocument(),
  policyReferenceDocument(),
  planSchemaDocument(),
  imagesSchemaDocument(),
  reportSchemaDocument(),
  await verifyReasonsDocument(),
];
for (const document of documents) {
  if ((await current(document.file)) === document.content) continue;
  if (!checkOnly) await write(document);
  else {
    console.error(`${document.file} is out of date: run "npm run docs"`);
    process.exitCode = 1;
  }
}
