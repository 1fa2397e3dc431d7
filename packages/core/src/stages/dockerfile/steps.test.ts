import { describe, expect, it } from 'vitest';
import { dockerfileSteps } from './steps.ts';

const steps = (...lines: readonly string[]) =>
  [...dockerfileSteps(lines.join('\n'))].map(({ line, keyword, text }) => `${line} ${keyword} ${text}`);
const lines = (...text: readonly string[]) => steps(...text).map((step) => Number.parseInt(step, 10));

describe('the body of a heredoc is no instruction', () => {
  it.each([
    ['SQL', ['RUN psql <<SQL', 'SELECT 1', 'FROM users', 'SQL']],
    ['with a quoted end', ['RUN <<"E O F"', 'FROM x', 'E O F']],
    ['with an end in single quotes', ["RUN <<'EOF'", 'FROM x', 'EOF']],
    ['with an escaped end', ['RUN <<\\EOF', 'FROM x', 'EOF']],
    ['with an end that is no name', ['RUN <<end-of.it!', 'FROM x', 'end-of.it!']],
    ['behind a space', ['RUN cat << EOF', 'FROM x', 'EOF']],
    ['with a number', ['RUN 3<<EOF', 'FROM x', 'EOF']],
    ['that takes tabs away', ['RUN <<-EOF', 'FROM x', '\t\tEOF']],
    ['of several', ['COPY <<a <<b /', 'FROM x', 'a', 'FROM y', 'b']],
    ['on a continued line', ['RUN cat \\', '  <<EOF', 'FROM x', 'EOF']],
    ['that is continued itself', ['RUN <<EOF', 'FROM x \\', 'EOF']],
    ['for a trigger', ['ONBUILD RUN <<EOF', 'FROM x', 'EOF']],
    ['with Windows line ends', ['RUN <<EOF\r', 'FROM x\r', 'EOF\r']],
    ['behind a flag', ['ADD --chmod=755 <<EOF /x', 'FROM x', 'EOF']],
    ['that is indented further than its end', ['RUN <<EOF', ' EOF', '\tEOF', 'FROM x', 'EOF']],
  ])('%s', (_what, text) => {
    expect(lines(...text, 'USER 1')).toEqual([1, text.length + 1]);
  });

  it('to the end of the file, where nothing ends it', () => {
    expect(lines('RUN <<EOF', 'FROM x', ' EOF')).toEqual([1]);
  });
});

describe('there is no heredoc', () => {
  it.each([
    ['within quotes', 'RUN echo "a <<EOF b" \'<<EOF\''],
    ['in a string', 'RUN cat <<<EOF'],
    ['in arithmetic', 'RUN echo $((1<<2))'],
    ['within a word', 'RUN cat<<EOF'],
    ['in a list of words', 'RUN ["cat", "<<EOF"]'],
    ['in another instruction', 'LABEL x=<<EOF'],
    ['without an end', 'RUN cat <<'],
    ['with an open quote', "RUN echo it's <<EOF"],
  ])('%s', (_what, text) => {
    expect(lines(text, 'FROM x', 'EOF')).toEqual([1, 2, 3]);
  });
});

describe('an instruction goes on', () => {
  it('as the escape directive says, wherever it stands among the directives', () => {
    expect(steps('# syntax=docker/dockerfile:1', '# escape=`', 'RUN a `', 'b', 'RUN c\\', 'USER 1')).toEqual([
      '3 RUN a b',
      '5 RUN c\\',
      '6 USER 1',
    ]);
    expect(steps('# not a directive', '# escape=`', 'RUN a \\', 'b')).toEqual(['3 RUN a b']);
  });

  it('not behind an escaped escape', () => {
    expect(lines('RUN a \\\\', 'USER 1')).toEqual([1, 2]);
  });

  it('behind a mark of the byte order', () => {
    expect(steps('\uFEFFFROM x')).toEqual(['1 FROM x']);
  });
});
