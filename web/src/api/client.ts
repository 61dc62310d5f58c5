import { createClient as createSupabase, type SupabaseClient } from "@supabase/supabase-js";
import createFetch, { type Client, type Middleware } from "openapi-fetch";

import type { components, paths } from "./schema.d.ts";

export type Api = Client<paths>;
export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];

/** Sends the signed-in person's token with each request; supabase-js renews it in time. */
export function bearer(supabase: Pick<SupabaseClient, "auth">): Middleware {
  return {
    async onRequest({ request }) {
      const { data } = await supabase.auth.getSession();
      if (data.session) {
        request.headers.set("Authorization", `Bearer ${data.session.access_token}`);
      }
      return request;
    },
  };
}

/** The API for whoever is signed in to this Supabase client. */
export function createApi(baseUrl: string, supabase: Pick<SupabaseClient, "auth">): Api {
  const api = createFetch<paths>({ baseUrl });
  api.use(bearer(supabase));
  return api;
}

/** Both clients from the API's address alone: it says where to sign in. Throws when the API does not answer. */
export async function connect(baseUrl: string): Promise<{ api: Api; supabase: SupabaseClient }> {
  const { data, error } = await createFetch<paths>({ baseUrl }).GET("/api/v1/auth/public");
  if (!data) {
    throw new Error(error.detail);
  }
  const supabase = createSupabase(data.supabase_url, data.publishable_key);
  return { api: createApi(baseUrl, supabase), supabase };
}

/** Whether an answer's error is a problem document; a proxy in between may answer something else. */
export function isProblem(error: unknown): error is Problem {
  return typeof error === "object" && error !== null && "code" in error && "request_id" in error;
}
