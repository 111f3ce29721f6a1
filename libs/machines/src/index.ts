/** How other machines that do builds are described. */
export { type LocalMachine, type Machine, type Machines, machinesDocument } from './machine.ts';
export { type FileFacts, parseMachines } from './machines-file.ts';
