// Answers made from docs/openapi.yaml: its examples, and where it has none the first value that its schema allows.
import { readFileSync } from "node:fs";
import { parse } from "yaml";

type Json = Record<string, unknown>;
interface Operation {
  operationId: string;
  method: string;
  path: string;
  pattern: RegExp;
  query: string[];
  status: number;
  schema: Json | undefined;
  example: unknown; // of the whole answer, where it has one
  body: Json | undefined;
}

const description = parse(readFileSync("../docs/openapi.yaml", "utf8"), { uniqueKeys: false }) as Json;
const json = (value: unknown) => (value ?? {}) as Json;

function resolve(node: Json): Json {
  if (typeof node.$ref !== "string") return node;
  const path = node.$ref.slice(2).split("/");
  return { ...json(path.reduce<unknown>((at, name) => json(at)[name], description)), ...node, $ref: undefined };
}

export function example(schema: Json): unknown {
  const node = resolve(schema);
  if ("example" in node) return node.example;
  if (Array.isArray(node.allOf)) return Object.assign({}, ...node.allOf.map((part) => example(json(part)))) as unknown;
  if ("default" in node) return node.default;
  if (Array.isArray(node.enum)) return node.enum[0] as unknown;
  switch (node.type) {
    case "object": {
      const required = Array.isArray(node.required) ? (node.required as string[]) : [];
      return Object.fromEntries(required.map((name) => [name, example(json(json(node.properties)[name]))]));
    }
    case "array":
      return [example(json(node.items))];
    case "boolean":
      return false;
    case "integer":
    case "number":
      return 0;
    default:
      return node.format === "date-time" ? "2026-11-21T12:00:00Z" : "text";
  }
}

export const schemaExample = <T>(name: string, changes: Partial<T> = {}) => ({ ...json(example({ $ref: `#/components/schemas/${name}` })), ...changes }) as T;

const answerOf = (content: Json) => ({ schema: json(content.schema), example: content.example });

export const operations: Operation[] = Object.entries(json(description.paths)).flatMap(([path, item]) =>
  Object.entries(json(item)).map(([method, value]) => {
    const operation = json(value);
    const responses = Object.entries(json(operation.responses));
    const [code, response] = responses.find(([status]) => status.startsWith("2")) ?? ["200", {}];
    const parameters = ((operation.parameters ?? []) as Json[]).map(resolve);
    return {
      operationId: String(operation.operationId),
      method: method.toUpperCase(),
      path,
      pattern: new RegExp(`^${path.replace(/\./g, "\\.").replace(/\{\w+\}/g, "([^/]+)")}$`),
      query: parameters.filter((parameter) => parameter.in === "query").map((parameter) => String(parameter.name)),
      status: Number(code),
      ...answerOf(json(json(json(resolve(json(response)).content)["application/json"]))),
      body: json(json(json(json(operation.requestBody).content)["application/json"]).schema),
    };
  }),
);

// The names that a request body may have: of each form that it may take.
export function bodyNames(schema: Json | undefined): string[] {
  const node = resolve(schema ?? {});
  const forms = (node.anyOf ?? node.oneOf ?? []) as Json[];
  return [...Object.keys(json(node.properties)), ...forms.flatMap(bodyNames)];
}
