import autocannon from 'autocannon';import {fork} from 'node:child_process';
const N=process.argv[2]||process.execPath;
const start=m=>new Promise(r=>{const c=fork('.srv-tmp.cjs',[m],{execPath:N});c.once('message',port=>r({c,port}))});
const a=await start(process.argv[3]||'plain'),b=await start(process.argv[4]||'prepared');
const run=async p=>(await autocannon({url:`http://127.0.0.1:${p}/a/7`,connections:50,duration:2})).requests.average;
await run(a.port);await run(b.port);const pairs=[];
for(let i=0;i<7;i++){const x=i%2?[await run(a.port),await run(b.port)]:(await run(b.port).then(async y=>[await run(a.port),y]));pairs.push(x[1]/x[0])}
pairs.sort((x,y)=>x-y);console.log(N.slice(0,10),'prepared/plain median',pairs[3].toFixed(4),pairs.map(x=>x.toFixed(3)).join());a.c.kill();b.c.kill();
