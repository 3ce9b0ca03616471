const mode=process.argv[2],seconds=+process.argv[3]||20;
if(mode==='prepared')require('/work/main/dist/cjs/bindings/node/prepare.js').prepare();
const {createPlacement}=require('/work/main/dist/cjs/bindings/node/place.js');
const express=require('express');const http=require('http');const fs=require('fs');
let seed=+process.argv[4]||1;const rnd=n=>{seed=(seed*1103515245+12345)&0x7fffffff;return seed%n};
const app=express();app.use(express.json());app.use(express.urlencoded({extended:true}));
app.get('/a/:id',async(req,res)=>{await new Promise(r=>setTimeout(r,rnd(5)));res.json({id:req.params.id,q:req.query})});
app.post('/b',(req,res)=>{res.status(201).send(req.body)});
app.get('/err',(req,res)=>{throw new Error('x')});
app.get('/text',(req,res)=>res.set('x-y','z').cookie('k','v').type('txt').send('hello'.repeat(50)));
app.use((e,req,res,next)=>{res.status(500).json({e:e.message})});
const files=Object.keys(require.cache).filter(f=>f.includes('node_modules')&&/\.js$/.test(f)&&!/acorn|eslint|magic|trace-map|typescript|cbor|\/ws\//.test(f));
const srv=app.listen(0,async()=>{
 const port=srv.address().port;let stop=false,ok=0,bad=0;const agent=new http.Agent({keepAlive:true});
 const req=(o,body)=>new Promise(r=>{const q=http.request({port,agent,...o},res=>{let t='';res.on('data',d=>t+=d);res.on('end',()=>r([res.statusCode,t]))});q.on('error',()=>r([0]));q.end(body)});
 const client=async(i)=>{while(!stop){const k=(ok+i)%4;let s;if(k===0){s=await req({path:'/a/7?x=1'});(s[0]===200&&s[1]==='{"id":"7","q":{"x":"1"}}')?ok++:bad++}else if(k===1){s=await req({path:'/b',method:'POST',headers:{'content-type':'application/json'}},'{"z":[1,2]}');(s[0]===201&&s[1]==='{"z":[1,2]}')?ok++:bad++}else if(k===2){s=await req({path:'/err'});s[0]===500?ok++:bad++}else{s=await req({path:'/text'});s[0]===200?ok++:bad++}}};
 const cs=Array.from({length:12},(_, i)=>client(i));
 const p=createPlacement();const end=Date.now()+seconds*1000;let n=0,hit=0,eng={};let live=[];const reach={};
 while(Date.now()<end){
  const batch=[];
  for(let i=0;i<6;i++){const file=files[rnd(files.length)];const lines=fs.readFileSync(file,'utf8').split('\n').length;const id='s'+n++;
   batch.push(new Promise(res=>{reach[id]=0;p.place({probeId:id,file,line:1+rnd(lines),testNames:[],captureNames:null,handler:{test:()=>{reach[id]++;return reach[id]%50===1},fire:(nm,v)=>{}},onChange:s=>{res([id,s])}})}));}
  for(const [id,s] of await Promise.all(batch)){const k=s.kind==='failed'?s.error.code:s.kind==='pending'?'pending':s.engine+(s.note.includes('runs once')?'-once':'');eng[k]=(eng[k]||0)+1;if(k==='unparsable'||k==='internal')console.log(s.error.message);live.push(id)}
  await new Promise(r=>setTimeout(r,60));
  while(live.length>18){const id=live.splice(rnd(live.length),1)[0];if(reach[id])hit++;await p.remove(id)}
  if(bad){console.log('BAD',bad);break}
 }
 await p.close();const o=ok;await new Promise(r=>setTimeout(r,200));stop=true;await Promise.all(cs);
 console.log(process.version,mode,'probes',n,'reached',hit,'requests',ok,'bad',bad,'after',ok-o,JSON.stringify(eng),JSON.stringify(p.stats()));process.exit(0);
});
