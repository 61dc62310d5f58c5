// What a React app does, with the real @supabase/supabase-js: people sign up and in with Supabase Auth, then use the
// API with the session's access token, and PostgREST directly. Prints a line per step and `ok`.
// Environment: SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, API_URL; NODE_MODULES, the folder that has @supabase/supabase-js.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const { SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, API_URL, NODE_MODULES = "dev/node_modules" } = process.env;
for (const [name, value] of Object.entries({ SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, API_URL })) {
  if (!value) fail(`${name} is not set`);
}
const { createClient } = createRequire(resolve(NODE_MODULES, "_"))("@supabase/supabase-js");

const PASSWORD = "correct horse 1";
let step = "start";

/** Someone with a browser of their own: a client, and calls to the API with its session's token. */
class Person {
  constructor() {
    const auth = { persistSession: false, autoRefreshToken: false };
    // The client insists on a WebSocket, which Node 20 lacks; nothing here opens one.
    const realtime = { transport: globalThis.WebSocket ?? class {} };
    this.supabase = createClient(SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, { auth, realtime });
    this.email = `${randomUUID()}@example.com`;
  }

  async signUp() {
    const options = { data: { name: "Ana" } };
    const { user, session } = done(
      await this.supabase.auth.signUp({ email: this.email, password: PASSWORD, options }),
    );
    assert.ok(session, "signing up gives a session at once");
    assert.equal(user.email, this.email);
    this.id = user.id;
    return session;
  }

  /** The answer of the API, which must have that status. */
  async call(status, method, path, body, headers = {}) {
    const { session } = done(await this.supabase.auth.getSession());
    const answer = await fetch(`${API_URL}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${session?.access_token ?? ""}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    assert.equal(answer.status, status, `${method} ${path}: ${answer.status} ${text}`);
    return { body: text ? JSON.parse(text) : null, headers: answer.headers };
  }
}

/** The data of a supabase-js answer; its error is thrown. */
function done({ data, error }) {
  if (error) throw error;
  return data;
}

function say(text) {
  step = text;
  console.log(text);
}

function fail(reason) {
  console.error(`failed after "${step}": ${reason}`);
  process.exit(1);
}

function content(exerciseId, repetitions) {
  const set = { set_type: "working", reps_min: repetitions, reps_max: repetitions + 4, rir: 2 };
  const progression = { kind: "double_progression", increment_kg: 2.5 };
  const exercise = { exercise_id: exerciseId, rest_seconds: 120, progression, sets: [set, set, set] };
  return { days: [{ name: "Push", weekday: 1, exercises: [exercise] }], deload_weeks: [4] };
}

async function profile(ana) {
  say("reads and changes the profile");
  const { body: me } = await ana.call(200, "GET", "/users/me");
  assert.equal(me.id, ana.id);
  assert.equal(me.name, "Ana");
  const change = { name: "Ana B.", sport: "gym", days_per_week: 3, weight_unit: "lb" };
  await ana.call(200, "PATCH", "/users/me", change);
  const { body: again } = await ana.call(200, "GET", "/users/me");
  for (const [name, value] of Object.entries(change)) assert.equal(again[name], value, name);
}

async function findExercise(ana) {
  say("searches an exercise with two typing mistakes");
  const { body: found } = await ana.call(200, "GET", "/exercises?q=benhc%20pres");
  assert.match(found.items[0]?.name ?? "nothing", /bench press/i);
  return found.items[0].id;
}

async function planLife(ana, exerciseId) {
  say("creates a plan");
  const draft = { name: "Strength", duration_weeks: 8, days_per_week: 1, content: content(exerciseId, 6) };
  const { body: plan, headers } = await ana.call(201, "POST", "/plans", draft);
  assert.equal(headers.get("location"), `/api/v1/plans/${plan.id}`);
  assert.deepEqual([plan.status, plan.version], ["draft", 1]);

  say("activates it");
  const { body: active } = await ana.call(200, "POST", `/plans/${plan.id}/activate`);
  assert.equal(active.status, "active");

  say("changes it");
  const change = { ...draft, name: "More strength", content: content(exerciseId, 3) };
  const { body: changed } = await ana.call(200, "PUT", `/plans/${plan.id}`, change);
  assert.deepEqual([changed.name, changed.version, changed.status], ["More strength", 2, "active"]);
  assert.equal(changed.content.days[0].exercises[0].sets[0].reps_min, 3);
  return plan.id;
}

async function keptApart(ana, bo, planId) {
  say("another person cannot read, change or delete it");
  await bo.call(404, "GET", `/plans/${planId}`);
  await bo.call(404, "PUT", `/plans/${planId}`, { name: "Mine now" });
  await bo.call(404, "DELETE", `/plans/${planId}`);

  say("and through supabase-js everyone sees their own rows only");
  await bo.call(201, "POST", "/plans", { name: "Of Bo" });
  const mine = done(await ana.supabase.from("plans").select("id,name"));
  assert.deepEqual(mine, [{ id: planId, name: "More strength" }]);
  assert.deepEqual(done(await bo.supabase.from("plans").select("name")), [{ name: "Of Bo" }]);
  assert.deepEqual(done(await bo.supabase.from("plans").update({ name: "x" }).eq("id", planId).select()), []);
  const { error } = await new Person().supabase.from("plans").select();
  assert.ok(error, "nobody is refused");
}

async function deletePlan(ana, planId) {
  say("deletes the plan");
  await ana.call(204, "DELETE", `/plans/${planId}`);
  await ana.call(404, "GET", `/plans/${planId}`);
  assert.deepEqual(done(await ana.supabase.from("plans").select()), []);
}

async function sessionLife(ana, first) {
  say("refreshes the session");
  const { session } = done(await ana.supabase.auth.refreshSession());
  assert.notEqual(session.refresh_token, first.refresh_token);
  await ana.call(200, "GET", "/users/me");
  assert.equal(done(await ana.supabase.auth.getUser()).user.id, ana.id);
  assert.equal(done(await ana.supabase.auth.getClaims()).claims.sub, ana.id);

  say("signs out and in again");
  done({ data: null, ...(await ana.supabase.auth.signOut()) });
  await ana.call(401, "GET", "/users/me");
  const wrong = await ana.supabase.auth.signInWithPassword({ email: ana.email, password: "something else" });
  assert.equal(wrong.error?.code, "invalid_credentials");
  done(await ana.supabase.auth.signInWithPassword({ email: ana.email, password: PASSWORD }));
  await ana.call(200, "GET", "/users/me");
}

async function anonymousLife() {
  say("someone starts without an account and keeps what they made");
  const guest = new Person();
  const { user } = done(await guest.supabase.auth.signInAnonymously());
  assert.equal(user.is_anonymous, true);
  const { body: plan } = await guest.call(201, "POST", "/plans", { name: "Of a guest" });
  done(await guest.supabase.auth.updateUser({ email: guest.email, password: PASSWORD }));
  done(await guest.supabase.auth.refreshSession());
  done({ data: null, ...(await guest.supabase.auth.signOut()) });
  const back = done(await guest.supabase.auth.signInWithPassword({ email: guest.email, password: PASSWORD }));
  assert.deepEqual([back.user.id, back.user.is_anonymous], [user.id, false]);
  await guest.call(200, "GET", `/plans/${plan.id}`);
}

try {
  say("signs up");
  const [ana, bo] = [new Person(), new Person()];
  const first = await ana.signUp();
  await bo.signUp();
  await profile(ana);
  const planId = await planLife(ana, await findExercise(ana));
  await keptApart(ana, bo, planId);
  await deletePlan(ana, planId);
  await sessionLife(ana, first);
  await anonymousLife();
  console.log("ok");
} catch (error) {
  fail(error?.stack ?? error);
}
