import { isTag, parseReference, type Reference, repositoryLabel } from '@plimsoll/core/oci/reference';
import { PlimsollError } from '@plimsoll/core/runtime/errors';
import { type Channel, CHANNEL_MAP_TYPE, publishChannelMap } from '@plimsoll/core/stages/promote/channel-map';
import type { LegResult } from '@plimsoll/core/stages/promote/leg';
import type { SummarySigner } from '@plimsoll/core/stages/promote/summarise';
import type { PromoteContext, PromoteInputs } from './inputs.ts';

/** Where the map of channels is kept. */
export interface MapInputs {
  readonly reference: Reference & { readonly tag: string };
  readonly artifactType: string;
  readonly layerType: string;
}

const MEDIA_TYPE = /^[a-z0-9][\w!#$&^.+-]*\/[a-z0-9][\w!#$&^.+-]*$/i;

/** @throws PlimsollError `reference-invalid`, `input-invalid`, `input-conflict` */
export function readMapInputs({ inputs }: PromoteContext): MapInputs | undefined {
  const text = inputs.text('channel-map');
  if (text === undefined) return undefined;
  if (inputs.list('channel').length === 0) {
    throw new PlimsollError('input-conflict', '"channel-map" says what channels are, and none is promoted to', {
      hint: 'Give "channel:", or remove "channel-map:".',
    });
  }
  const reference = parseReference(text);
  const { tag } = reference;
  if (tag === undefined || !isTag(tag) || reference.digest !== undefined)
    throw invalid('channel-map', text, `Write ${repositoryLabel(reference)}:channels.`);
  const artifactType = inputs.text('channel-map-type') ?? CHANNEL_MAP_TYPE;
  const layerType = inputs.text('channel-map-layer-type') ?? artifactType;
  for (const type of [artifactType, layerType])
    if (!MEDIA_TYPE.test(type))
      throw invalid('channel-map-type', type, 'Write it as application/vnd.acme.channels+json.');
  return { reference: { ...reference, tag }, artifactType, layerType };
}

/** Writes what the channels are now; nothing when none was promoted to. */
export async function publishMap(
  results: readonly LegResult[],
  { channelMap, goal, destinationLogin }: PromoteInputs,
  { context, signer }: { readonly context: PromoteContext; readonly signer: SummarySigner | undefined },
): Promise<void> {
  if (channelMap === undefined || signer === undefined) return;
  const names = goal.kind === 'rollback' ? [goal.channel] : goal.tags.channels;
  const images = Object.fromEntries(results.map(({ leg, plan }) => [leg.destination.label, plan.root.digest]));
  const version = goal.kind === 'promote' ? goal.version : undefined;
  const channel: Channel = version === undefined ? { images } : { version, images };
  const { reference, ...types } = channelMap;
  const repository = context.registries(destinationLogin).repository(reference, 'push');
  const place = { repository, tag: reference.tag, ...types };
  const digest = await publishChannelMap(place, Object.fromEntries(names.map((name) => [name, channel])), signer);
  context.log.info(`${repository.label}:${reference.tag}@${digest} says what ${names.join(', ')} are now`);
}

function invalid(input: string, value: string, hint: string): PlimsollError {
  return new PlimsollError('input-invalid', `The input "${input}" has "${value.slice(0, 200)}"`, { hint });
}
