import { type AttestedImage, pushAttestedImage } from '../evidence/attested-image.ts';
import { codeOf, EvidenceWorld } from '../evidence/evidence-world.ts';
import { leaksOf, secretForms } from '../runner/leaks.ts';
import { type ActionRun, runAction } from '../runner/run-action.ts';
import { FaultBoard } from './fault-board.ts';

/** What a promotion came to, seen from outside. */
export interface PromotionOutcome {
  /** Of the failure. */
  readonly code: string | undefined;
  /** Whether the destination took the image's index. */
  readonly image: boolean;
  /** Tags that somebody tried to write at the destination. */
  readonly tagWrites: readonly string[];
  /** The output. */
  readonly tags: string;
  readonly leaks: readonly string[];
}

/** Nothing was promoted, and no secret got out. */
export function unpromoted(code: string): PromotionOutcome {
  return { code, image: false, tagWrites: [], tags: '', leaks: [] };
}

/** GHCR with one signed image, Quay to promote it to, and faults for both. */
export class PromotionBed {
  readonly bed: EvidenceWorld;
  readonly ghcr: FaultBoard;
  readonly quay: FaultBoard;
  /** Built, scanned and signed: good to promote. */
  readonly good: AttestedImage;

  private constructor(bed: EvidenceWorld, good: AttestedImage) {
    this.bed = bed;
    this.good = good;
    this.ghcr = new FaultBoard(bed.world.ghcr.front);
    this.quay = new FaultBoard(bed.world.quay.front);
  }

  static async start(): Promise<PromotionBed> {
    const bed = await EvidenceWorld.start();
    const good = await pushAttestedImage(bed.repository, 'good');
    const code = codeOf(await bed.sign(good));
    if (code !== undefined) throw new Error(`the image could not be signed: ${code}`);
    return new PromotionBed(bed, good);
  }

  /** The promote action, to a repository at Quay that it may write to unless the inputs say otherwise. */
  promote(destination: string, more: Readonly<Record<string, string>> = {}): Promise<ActionRun> {
    return runAction({ action: 'promote', world: this.bed.world, inputs: { ...this.inputs(destination), ...more } });
  }

  /** What {@link promote} gives the action. */
  inputs(destination: string): Readonly<Record<string, string>> {
    const { quay, sigstore } = this.bed.world;
    return {
      source: this.bed.at(this.good.digest),
      destination: `${quay.host}/${destination}`,
      tags: '1.0.0\nlatest',
      'trusted-root': sigstore.trustedRoot,
      'certificate-oidc-issuer': sigstore.issuer,
      'dest-username': quay.username,
      'dest-password': quay.password,
    };
  }

  outcome(step: ActionRun, destination: string): PromotionOutcome {
    return {
      code: codeOf(step),
      image: this.quay.manifests(destination).includes(this.good.digest),
      tagWrites: this.quay.tagWrites(destination),
      tags: step.outputs['tags'] ?? '',
      leaks: this.leaks(step),
    };
  }

  /** @param more passwords beside those of the world */
  leaks(step: ActionRun, ...more: readonly string[]): readonly string[] {
    const { ghcr, quay, github } = this.bed.world;
    const known = [...secretForms(ghcr.username, ghcr.token), ...secretForms(quay.username, quay.password)];
    return leaksOf(step, [...known, github.oidc.requestToken, ...more]);
  }

  close(): Promise<void> {
    return this.bed.world.close();
  }
}
