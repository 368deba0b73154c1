/*
 * What batches have in common, so that it need not go over the uplink with each: names of columns, intervals, the usual
 * replies. zstd takes it as text that came just before the batch. Agents and collectors of all ages meet, so that not one
 * byte of it may change: a better one is another file with an encoding of its own, and the collector keeps this one.
 */

/** `Content-Encoding` of a body in zstd with this dictionary. */
export const dictionary1Encoding = "zstd-sb1";

const lines = [
  '{"target":"gw","kind":"icmp","monoMs":[197815109],"sent":[5],"recv":[5],"rttUs":[820,917,1030,1128,1604]},',
  '{"target":"router","kind":"icmp","monoMs":[2534281377,60000,60000],"sent":[5,5,5],"recv":[0,0,5],"rttUs":[688,714,810,933,1336]},',
  '{"target":"lapor-tcp","kind":"tcp","monoMs":[2534281567,15000,15000],"ok":[1,0,1],"phase":[null,"connect",null],"connectMs":[7.2,null,3.6]},',
  '{"target":"ppid","kind":"http","monoMs":[197816627],"ok":[0],"phase":["dns"],"status":[null],"dnsMs":[5000],"connectMs":[null],"tlsMs":[null],"ttfbMs":[null],"totalMs":[null],"certExpiresS":[null]},',
  '{"target":"ups","kind":"snmp","monoMs":[2534278696],"ok":[1],"values":{"upsOutputSource":[3],"upsSecondsOnBattery":[0],"upsEstimatedChargeRemaining":[100],"sysUpTime":[253427869]}},',
  '{"target":"dns","kind":"dns","monoMs":[197824624,30001],"ok":[1,0],"rcode":["NOERROR",null],"phase":[null,"timeout"],"totalMs":[4.5,null]}],',
  '"events":[{"monoMs":81000000,"type":"agent.start","detail":{"hostBootChanged":true,"cleanStop":false,"version":"0.1.0"}},{"monoMs":81000900,"type":"path.trace","detail":{"target":"noc","address":"10.0.0.1","reached":false}}]}',
  '{"v":1,"agent":"ag_0000000000000000","boot":"0123456789abcdef01234567","start":2,"host":{"bootId":"00000000-0000-0000-0000-000000000000","uptimeS":253442},"seq":8539,',
  '"clock":{"wallMs":1795096590103,"monoMs":253442964,"synced":true,"fixes":[[253415388,1795096589918,50]]},',
  '"ledger":{"produced":1069121,"thinned":0,"lost":0,"waiting":8307,"oldestMs":260113,"sentBytes":7014954},',
  '"rounds":[{"target":"lapor","kind":"http","monoMs":[253427669,29999,30000,30000,30002],"ok":[1,1,1,1,1],"phase":[null,null,null,null,null],"status":[200,200,200,200,200],',
  '"dnsMs":[3.3,1.9,2.1,12,1.7],"connectMs":[22.6,21.5,23.2,26.5,27.2],"tlsMs":[40.8,42.9,42.5,52.5,41.6],"ttfbMs":[70.8,64.3,65,80,96.5],"totalMs":[124.4,132.7,108.8,155.4,113.4],',
  '"certExpiresS":[5465724,5465694,5465664,5465634,5465604]},',
  '{"target":"lapor-dns","kind":"dns","monoMs":[253428698,29989,30000,30000,30001],"ok":[1,1,1,1,1],"rcode":["NOERROR","NOERROR","NOERROR","NOERROR","NOERROR"],"totalMs":[20.1,22,20.7,27.7,22.4]},',
  '{"target":"router-snmp","kind":"snmp","monoMs":[253429335,30000,30002,29996,30004],"ok":[1,1,1,1,1],"values":{"sysUpTime":[25342933,25345933,25348933,25351933,25354933],',
  '"ifOperStatus.2":[1,1,1,1,1],"ifHCInOctets.2":[532201639580,532207927691,532214207113,532220510938,532226828760],"ifHCOutOctets.2":[101371735812,101372939128,101374141872,101375335846,101376542109]}},',
  '{"target":"noc","kind":"icmp","monoMs":[253428146,30000,30000,30000,30000],"sent":[5,5,5,5,5],"recv":[5,5,5,5,5],"rttUs":[20710,20990,21300,22460,24740,20180,20260,20880,21110,23370,',
  "20040,20520,20830,21780,22930,20140,20330,21060,21450,25170,20440,20650,21030,21970,26730]},",
  '{"target":"anchor-1","kind":"icmp","monoMs":[253429649,30000,30000,30000,30000],"sent":[5,5,5,5,5],"recv":[5,5,5,5,5],"rttUs":[603100,608400,615200,627700,641300,600900,604500,611800,619600,668200,',
  "602300,609700,613400,622100,635900,601600,605300,610200,618900,654400,607100,612600,616300,624800,690500]},",
  '{"target":"hub","kind":"icmp","monoMs":[253421369,30000,30000,30000,30000],"sent":[5,5,5,5,5],"recv":[5,5,4,5,5],"rttUs":[1066,1261,1411,3272,7125,1801,3784,5084,6214,9360,',
  '1857,2155,2683,3671,6102,1088,1532,2018,2899,4664,1306,2160,2925,4931,8511]}],"events":[]}',
];

export const dictionary1: Uint8Array = new TextEncoder().encode(lines.join(""));
