/**
 * A step of the fault project in a process of its own, which is killed at the call that it is told of.
 * Its one argument is JSON: the project's folder, the step, the league's address, the targets, the fault.
 */
import {type Fault, FaultPlan} from './fault-plan.ts';
import {act, type Step, setStep} from './fault-project.ts';
import {openAt} from './project.ts';

interface Order {
  readonly root: string;
  readonly step: Step;
  readonly league: string;
  readonly targets: object;
  readonly fault: Fault;
}

const {root, step, fault, ...about} = JSON.parse(process.argv[2] ?? '') as Order; // fault-trial.ts writes it
const project = openAt(root, 0);
setStep(project, step, about);
await act(project, step, await FaultPlan.of(fault));
