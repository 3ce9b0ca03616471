import { LANGUAGE_CASES, CASES } from "../dist/esm/bench/conditions.js";
import { compileCondition } from "../dist/esm/conditions/index.js";
import { Guest } from "../dist/esm/host/guest.js";
import { parse } from "@marcbachmann/cel-js";
const guest = new Guest();
function race2(cs,rounds,ms){const ns=cs.map(c=>{let n=1;const T=()=>{const t=process.hrtime.bigint();globalThis.z=c.run(n);return Number(process.hrtime.bigint()-t)};while(T()<ms*1e6)n*=2;return n});const best=cs.map(()=>1e9);for(let r=0;r<rounds*3;r++)cs.forEach((c,i)=>{const t=process.hrtime.bigint();globalThis.z=c.run(ns[i]);best[i]=Math.min(best[i],Number(process.hrtime.bigint()-t)/ns[i])});return cs.map((c,i)=>({name:c.name,ns:best[i]}))}
for (const t of [...CASES, ...LANGUAGE_CASES]) {
  if (process.argv[2] && !t.name.includes(process.argv[2])) continue;
  const m = guest.load(compileCondition(t.source));
  const [a,b]=m.compiled.projection.roots.map(r=>t.vars[r.key]);
  const top = m.read(a,b); const p=parse(t.source);
  const r = race2([{name:"all",run:n=>{let h=0;for(let i=0;i<n;i++)h+=m.test(a,b);return h}},
   {name:"cel",run:n=>{let h=0;for(let i=0;i<n;i++)h+=p(t.vars)?1:0;return h}},
   {name:"read",run:n=>{let h=0;for(let i=0;i<n;i++)h+=m.read(a,b);return h}},
   {name:"guest",run:n=>{let h=0;for(let i=0;i<n;i++)h+=m.entry(top);return h}}],8,4);
  console.log(t.name.padEnd(22), r.map(x=>x.name+" "+x.ns.toFixed(0)).join("  "), "ratio",(r[1].ns/r[0].ns).toFixed(2));
}
