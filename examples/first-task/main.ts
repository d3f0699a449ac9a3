import { connectFromConfig } from '@anant/core/config';
import { square } from './tasks.js';

await using client = await connectFromConfig();
console.log(await client.run(square, 12));
console.log(await client.map(square, [1, 2, 3]));
