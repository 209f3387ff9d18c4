// node run.mjs SCENARIO: plays one scenario against the server at CHINWAG_HOST; exit status 0 if all of it holds.

import {inspect} from 'node:util';

const fail = error => {
  // Not the source line that Node would print: the SDK is one long line.
  console.error((error?.stack ?? inspect(error)).slice(0, 4000));
  process.exit(1);
};
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

const {default: scenario} = await import(`./${process.argv[2]}.mjs`);
await scenario();
process.exit(0);
