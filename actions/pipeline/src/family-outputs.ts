import { repositoryLabel } from '@plimsoll/core/oci/reference';
import type { PipelineContext } from './inputs.ts';
import type { Member } from './job.ts';

/** From what nobody wants to what everybody does. */
const OUTCOMES = ['error', 'incomplete', 'fail', 'pass', ''];

/** The outputs of a family: what each image would have said alone, under its name, and what holds for all. */
export function setFamilyOutputs(members: readonly Member[], { outputs }: PipelineContext): void {
  const images = Object.fromEntries(members.map((member) => [member.job.name, imageOf(member)]));
  const plans = members.map(({ job, outputs: own }) => [job.name, JSON.parse(own.get('plan') ?? 'null') as unknown]);
  const all = (name: string) => members.every((member) => member.outputs.get(name) === 'true');
  const outcomes = members.map((member) => member.outputs.get('outcome') ?? '');
  outputs.set('images', JSON.stringify(images));
  outputs.set('plan', JSON.stringify({ images: Object.fromEntries(plans) }));
  outputs.set('pushed', all('pushed'));
  outputs.set('resumed', all('resumed'));
  outputs.set('should-build', true);
  outputs.set('outcome', OUTCOMES.find((outcome) => outcomes.includes(outcome)) ?? '');
}

function imageOf({ job, outputs }: Member) {
  const text = (name: string) => outputs.get(name) ?? '';
  const { image } = job.given.build;
  return {
    image: outputs.get('image') ?? repositoryLabel(image),
    digest: text('digest'),
    tags: text('tags').split('\n').filter(Boolean),
    'platform-digests': JSON.parse(outputs.get('platform-digests') ?? '{}') as unknown,
    needs: job.needs.map(({ member }) => member),
    outcome: text('outcome'),
    pushed: text('pushed') === 'true',
    resumed: text('resumed') === 'true',
    report: text('report'),
    sarif: text('sarif'),
    'verify-command': text('verify-command'),
  };
}
