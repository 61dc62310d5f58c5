// What a React app relies on, said in types: `npm run check` fails when a new contract no longer gives it.
import type { Api, Problem, Schemas } from "./index.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function holds<_ extends true>(): void;
declare const api: Api;

// Ids are strings, vocabularies are unions of strings, what may be missing is null.
holds<Equal<Schemas["Plan"]["id"], string>>();
holds<Equal<Schemas["PlanStatus"], "draft" | "active" | "completed" | "archived">>();
holds<Equal<Schemas["Exercise"]["mechanic"], "compound" | "isolation" | null>>();
holds<Equal<Schemas["User"]["date_of_birth"], string | null>>();

// Answers have every field; a change sends only some.
holds<Equal<Required<Schemas["Exercise"]>, Schemas["Exercise"]>>();
holds<Equal<Required<Schemas["Plan"]>, Schemas["Plan"]>>();
holds<Equal<Required<Schemas["PlannedExercise"]>, Schemas["PlannedExercise"]>>();
holds<Equal<Partial<Schemas["UserUpdate"]>, Schemas["UserUpdate"]>>();

// Pages are named, and one list component serves them all.
type Page<Item> = { items: Item[]; total: number; page: number; per_page: number };
holds<Equal<Schemas["PlanPage"], Page<Schemas["PlanSummary"]>>>();
holds<Equal<Schemas["ExercisePage"], Page<Schemas["Exercise"]>>>();
holds<Equal<Schemas["PlanVersionPage"], Page<Schemas["PlanVersion"]>>>();

// The kind of a progression says which fields it has, and a new kind shows up where it is not handled.
type Progression = Schemas["PlannedExercise"]["progression"];
export function describe(progression: Progression): string {
  switch (progression.kind) {
    case "double_progression":
    case "linear":
      return `+${progression.increment_kg.toFixed(1)} kg`;
    case "percent_e1rm":
    case "none":
      // @ts-expect-error: these two have no increment
      return String(progression.increment_kg);
    default:
      return progression satisfies never;
  }
}

// Every operation is typed from path to error.
export async function useIt(signal: AbortSignal): Promise<Problem | undefined> {
  const list = await api.GET("/api/v1/plans", { params: { query: { status: ["active"], per_page: 5 } }, signal });
  if (list.error) {
    holds<Equal<typeof list.error, Problem>>();
    return list.error;
  }
  holds<Equal<typeof list.data, Schemas["PlanPage"]>>();

  const id = list.data.items[0]?.id ?? "";
  const { data: plan, response } = await api.GET("/api/v1/plans/{plan_id}", { params: { path: { plan_id: id } } });
  if (!plan) return undefined;

  // What was read can be sent back: read, change, replace.
  const { name, description, goal, duration_weeks, days_per_week, content } = plan;
  const etag = response.headers.get("ETag") ?? "*";
  const replaced = await api.PUT("/api/v1/plans/{plan_id}", {
    params: { path: { plan_id: plan.id }, header: { "If-Match": etag } },
    body: { name: `${name} II`, description, goal, duration_weeks, days_per_week, content },
  });
  return replaced.error;
}

export function mistakes(): void {
  // @ts-expect-error: there is no such path
  void api.GET("/api/v1/plan");
  // @ts-expect-error: nor such a status
  void api.GET("/api/v1/plans", { params: { query: { status: ["done"] } } });
  // @ts-expect-error: a plan needs a name
  void api.POST("/api/v1/plans", { body: {} });
}
