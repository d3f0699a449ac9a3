/** What a team needs of a client. */
import type { Client } from '@anant/core';

export type TeamClient = Pick<Client, 'submit'>;
