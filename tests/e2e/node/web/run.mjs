// Play one scenario with real browsers: node run.mjs SCENARIO, against CHINWAG_ADDRESS.

import {Stage} from './stage.mjs';

const [scenario] = process.argv.slice(2);
const {default: play} = await import(`./${scenario}.mjs`);
const stage = await Stage.open(process.env.CHINWAG_ADDRESS, `${process.env.CHINWAG_SHOTS}/${scenario}`);
try {
  await play(stage);
  stage.check();
} catch (error) {
  console.log(error.stack, ...stage.problems);
  await stage.fail();
  process.exitCode = 1;
} finally {
  await stage.close();
  process.stdin.destroy();
}
