import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Gives `body` an empty directory that nobody else can reach, and removes it afterwards. Another user may write into
 * it when it is shown to that user: only the directory around it is closed.
 */
export async function inPrivateDirectory<T>(tempDir: string, body: (dir: string) => Promise<T>): Promise<T> {
  const around = await mkdtemp(path.join(tempDir, 'plimsoll-tool-'));
  try {
    const dir = path.join(around, 'work');
    await mkdir(dir);
    await chmod(dir, 0o777);
    return await body(dir);
  } finally {
    await rm(around, { recursive: true, force: true });
  }
}
