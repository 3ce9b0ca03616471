
const db=async(id)=>{await null;return {id,items:[1,2,3].map(price=>({price}))}};
class Svc{ async load(id){const u=await db(id);return u} async total(id){const u=await this.load(id);let t=0;for(const i of u.items)t+=i.price;return t} }
const s=new Svc();module.exports=async(req,res)=>{const t=await s.total(req.params.id);const u=await s.load(req.params.id);res.json({t,u})};