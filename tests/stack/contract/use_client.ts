// A React developer's first hour, without the React: the generated client against the running API.
// Arguments: the API's address, and a new person's email and password. Prints what it saw as JSON.
import { connect, isProblem } from "../../../web/src/api/index.ts";

const [baseUrl = "", email = "", password = ""] = process.argv.slice(2);
const { api, supabase } = await connect(baseUrl);
const before = await api.GET("/api/v1/users/me");

const signedUp = await supabase.auth.signUp({ email, password });
if (signedUp.error) throw signedUp.error;

const me = await api.GET("/api/v1/auth/me");
const made = await api.POST("/api/v1/plans", { body: { name: "Base" } });
const list = await api.GET("/api/v1/plans", { params: { query: { status: ["draft", "active"], per_page: 5 } } });
const wrong = await api.POST("/api/v1/plans", { body: { name: "" } });

console.log(
  JSON.stringify({
    before: isProblem(before.error) && before.error.code,
    email: me.data?.email,
    made: made.data?.name,
    total: list.data?.total,
    wrong: wrong.error?.errors?.map((each) => each.loc.join(".")),
  }),
);
process.exit(0);
