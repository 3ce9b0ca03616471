import autocannon from 'autocannon';import {fork} from 'node:child_process';
const N=process.argv[2];
const start=m=>new Promise(r=>{const c=fork('.srv-tmp.cjs',[m],{execPath:N});c.once('message',port=>r({c,port}))});
const cpu=s=>new Promise(r=>{s.c.once('message',r);s.c.send(1)});
const ss=await Promise.all([process.argv[3],process.argv[4]].map(start));
const run=async s=>{const a=await cpu(s);await autocannon({url:`http://127.0.0.1:${s.port}/a/7`,connections:50,amount:12000});return ((await cpu(s))-a)/12000};
for(const s of ss)await run(s);const rs=[];const all=[[],[]];
for(let i=0;i<9;i++){const o=i%2?[0,1]:[1,0];const v=[];for(const k of o){v[k]=await run(ss[k]);all[k].push(v[k])}rs.push(v[1]/v[0])}
rs.sort((a,b)=>a-b);const med=a=>a.sort((x,y)=>x-y)[4].toFixed(1);console.log(process.argv.slice(3).join(' vs '),'cpu us/req',med(all[0]),med(all[1]),'ratio median',rs[4].toFixed(4),'min',Math.min(...all[0]).toFixed(1),Math.min(...all[1]).toFixed(1));ss.forEach(s=>s.c.kill());process.exit();
