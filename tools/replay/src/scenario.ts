/**
 * A recorded scenario: a folder with `request.json` (what was asked) and `result.json` (what came of it), in the format of
 * the INDEX that comes with the recordings.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type SetOptions = Readonly<Record<string, number | readonly (readonly [string, string])[]>>;

/** One request over a connection, or something done to the machine between two. */
export interface Step {
  readonly connection?: string;
  readonly op?: string;
  readonly args?: unknown;
  readonly action?: string;
  readonly path?: string;
  readonly content?: string;
}

/** Something that was added to the store, or built, before the first step. */
export interface SetupStep {
  readonly op: string;
  readonly name: string;
  readonly references?: readonly string[];
  readonly recursive?: boolean;
  readonly 'hash-algo'?: string;
  readonly nar?: string;
  readonly file?: string;
  readonly path?: string;
  readonly targets?: readonly string[];
}

export interface ChangedFile {
  readonly path: string;
  readonly file: string;
}

export interface SubstituteServer {
  readonly url: string;
  readonly root: string;
  readonly removed: readonly string[];
  readonly changed: readonly ChangedFile[];
}

export interface ScenarioRequest {
  readonly scenario: string;
  readonly description: string;
  readonly 'daemon-options': readonly string[];
  readonly 'daemon-environment': Readonly<Record<string, string>>;
  readonly 'build-users': boolean;
  readonly 'substitute-server': SubstituteServer | null;
  readonly setup: readonly SetupStep[];
  readonly steps: readonly Step[];
}

/** What came of a step. */
export interface StepResult {
  readonly connection?: string;
  readonly op?: string;
  readonly action?: string;
  readonly outcome?: string;
  readonly reply?: unknown;
  readonly message?: string;
  readonly status?: number;
  /** The file with the text that the client was sent. */
  readonly stderr?: string;
  /** The text itself, one character per byte. */
  readonly text?: string;
}

export interface ValidPathRow {
  readonly path: string;
  readonly hash: string;
  readonly deriver: string | null;
  readonly narSize: number;
  readonly references: readonly string[];
}

export interface OutputRow {
  readonly drv: string;
  readonly id: string;
  readonly path: string;
}

/** A file as it lies on the disk. */
export interface FileEntry {
  readonly name: string;
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly size?: number;
  readonly nlink?: number;
  readonly mtime?: number;
  readonly target?: string;
}

export type Trees = Readonly<Record<string, readonly FileEntry[]>>;

export interface LogFile {
  readonly path: string;
  readonly mode: string;
  /** The recorded file with the text. */
  readonly text?: string;
  readonly size?: number;
  /** The text itself, one character per byte. */
  readonly contents?: string;
}

/** Everything that was seen of a scenario: recorded, or observed now. */
export interface ScenarioResult {
  readonly steps: readonly StepResult[];
  readonly database: {
    readonly 'new-ValidPaths': readonly ValidPathRow[];
    readonly 'removed-ValidPaths': readonly string[];
    readonly 'changed-ValidPaths': readonly unknown[];
    readonly 'DerivationOutputs-of-new-or-built': readonly OutputRow[];
    readonly FailedPaths: readonly string[];
  };
  readonly 'output-trees': Trees;
  readonly 'store-entries-not-valid': Trees;
  readonly 'store-entries-gone': readonly string[];
  readonly tmp: Trees;
  readonly logs: readonly LogFile[];
}

/** The scenarios below `folder`, or `folder` itself if it is one, by name. */
export function findScenarios(folder: string): string[] {
  if (isScenario(folder)) return [folder];
  const found = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return found
    .map(({ name }) => join(folder, name))
    .filter(isScenario)
    .sort();
}

export function readRequest(folder: string): ScenarioRequest {
  return JSON.parse(readFileSync(join(folder, 'request.json'), 'utf8')) as ScenarioRequest;
}

/** The recorded result, with the texts that it names read in. */
export function readResult(folder: string): ScenarioResult {
  const result = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as ScenarioResult;
  return {
    ...result,
    steps: result.steps.map((step) =>
      step.stderr === undefined ? step : { ...step, text: readText(folder, step.stderr) },
    ),
    logs: result.logs.map((log) => (log.text === undefined ? log : { ...log, contents: readText(folder, log.text) })),
  };
}

function isScenario(folder: string): boolean {
  return existsSync(join(folder, 'request.json')) && existsSync(join(folder, 'result.json'));
}

function readText(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'latin1');
}
