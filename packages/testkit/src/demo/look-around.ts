import { once } from 'node:events';
import { ghcrImage, quayImage, type Scene, type Shipped } from './story.ts';

/** Leaves the world running until it is interrupted, and says how to look at it. */
export async function lookAround(scene: Scene, { second }: Shipped): Promise<void> {
  const { world, account, harbour } = scene;
  const { identity, issuer, trustedRoot } = harbour.trust;
  const { cosign, crane } = world.tools;
  account.title('The world keeps running; look around, then press Ctrl-C');
  account.say(`export DOCKER_CONFIG=${scene.consumer.dockerConfig} SSL_CERT_FILE=${world.quay.caFile}`);
  account.say(`${crane} ls ${ghcrImage(scene)}`);
  account.say(`${crane} manifest ${quayImage(scene)}:latest`);
  const trust = `--trusted-root ${trustedRoot} --certificate-identity ${identity} --certificate-oidc-issuer ${issuer}`;
  account.say(`${cosign} verify ${trust} ${quayImage(scene)}@${second}`);
  account.say(`ls ${world.directory}/log`);
  // An open handle: waiting for a signal alone does not keep a process alive.
  const alive = setInterval(() => {}, 60_000);
  await once(process, 'SIGINT');
  clearInterval(alive);
}
