/** Who may be met on the data plane, in a cluster with certificates: told to everyone who comes, and to all of news. */
import type { DataEndpoint, DataWay, PeerCertificates } from '../proto/anant/v1/common.js';
import type { SessionLink, WorkerLink } from './head-link.js';
import type { IdentityDesk } from './identity-desk.js';

type Link = SessionLink | WorkerLink;

export interface PeerDeskOptions {
  readonly identities: IdentityDesk;
  readonly links: () => readonly Link[];
  /** Tells all drivers and workers. */
  readonly tell: (peers: PeerCertificates) => void;
}

export class PeerDesk {
  readonly #options: PeerDeskOptions;

  constructor(options: PeerDeskOptions) {
    this.#options = options;
  }

  /** All of them, for one who comes. */
  all(): PeerCertificates {
    const links = this.#options.links();
    const certificates = links.flatMap(({ certificate }) => (certificate?.byteLength ? [certificate] : []));
    const different = new Map(certificates.map((each) => [each.toString('latin1'), each]));
    return { certificates: [...different.values()], ways: links.flatMap(waysOf) };
  }

  /** Somebody is new. */
  introduced(link: Link): void {
    if (link.certificate?.byteLength)
      this.#options.tell({ certificates: [link.certificate], ways: waysOf(link) });
  }

  /** Somebody has new keys. @throws AnantError `E_IDENTITY_REFUSED` when they are not its own */
  renewed(link: Link, { certificate, way: dataWay }: DataEndpoint): void {
    const node = 'peer' in link ? link.node : link.id;
    this.#options.identities.renew(node ?? '', { dataAddress: addressOf(link), dataWay, certificate });
    Object.assign(link, { certificate, dataWay });
    this.introduced(link);
  }
}

const addressOf = (link: Link): string => ('peer' in link ? link.peer.dataAddress : link.dataAddress);

const waysOf = (link: Link): DataWay[] =>
  link.dataWay === '' ? [] : [{ address: addressOf(link), way: link.dataWay }];
