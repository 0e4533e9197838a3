/**
 * Traditional characters, each followed by its simplified form: the commonest of family names, given names and addresses. Whole conversion needs words and their context, which names have not; what is not
 * here still meets by its sound.
 */
const PAIRS = [
  '張张陳陈劉刘楊杨黃黄趙赵吳吴孫孙馬马鄭郑謝谢許许韓韩馮冯鄧邓蕭萧葉叶蘇苏呂吕蔣蒋賈贾鄒邹陸陆譚谭閻阎錢钱湯汤陰阴龍龙萬万賀贺賴赖龔龚顧顾魯鲁衛卫鍾钟單单歐欧陽阳諸诸東东長长遲迟軒轩轅辕鮮鲜聞闻',
  '齊齐龐庞嚴严喬乔樂乐華华倫伦偉伟傑杰強强國国榮荣輝辉麗丽蘭兰鳳凤鵬鹏飛飞軍军紅红艷艳豔艳靜静潔洁慶庆賢贤義义禮礼寶宝財财貴贵銀银鐵铁鋒锋鋼钢銘铭鈺钰錦锦鏡镜鈞钧錫锡鎮镇瓊琼瑪玛瑋玮璽玺環环琺珐',
  '瓏珑瑩莹蓮莲蘊蕴蘆芦藝艺萊莱薩萨聰聪聖圣聯联藍蓝維维綺绮綠绿緣缘績绩繼继續续紹绍紋纹純纯紀纪約约組组細细終终經经給给絡络統统絲丝緒绪編编練练總总縣县濤涛澤泽濱滨潤润滄沧漢汉溫温淵渊瀅滢瀟潇灣湾',
  '灘滩湧涌洶汹淨净涼凉沖冲決决凱凯勝胜務务動动勵励勞劳區区協协卻却參参雙双發发敘叙啟启員员問问園园圓圆圖图團团場场塊块報报壯壮壽寿夢梦夥伙奮奋婭娅媽妈嬌娇嫻娴嬋婵嬰婴學学寧宁實实寬宽審审寫写將将',
  '專专對对導导爾尔嶺岭嶽岳島岛峽峡崗岗崙仑巖岩帶带幫帮廣广莊庄廠厂廳厅廟庙彥彦後后從从復复徵征徑径恆恒愛爱憶忆懷怀戀恋戰战戶户擇择據据擁拥揚扬換换撫抚攜携敵敌數数斷断時时晉晋晝昼暉晖曉晓曄晔曆历',
  '書书會会條条棟栋楓枫業业極极構构樓楼標标樣样樹树橋桥機机檢检權权歡欢歲岁歸归氣气滿满煒炜煙烟燁烨燈灯營营爭争獨独獻献瑤瑶畫画異异當当瘋疯盡尽監监盤盘眾众碩硕確确禎祯稱称種种穎颖穩稳窩窝筆笔築筑',
  '簡简籃篮糧粮紡纺級级綱纲網网緯纬羅罗習习翹翘肅肃腦脑臺台與与興兴舉举舊旧範范蒼苍蔥葱藥药號号虛虚蠻蛮術术補补裝装複复見见規规覺觉觀观親亲訓训記记訊讯設设詠咏詩诗話话該该詳详誌志語语誠诚說说課课',
  '誰谁請请諾诺講讲證证識识議议讀读變变讓让豐丰賓宾賜赐賞赏賽赛贊赞質质贈赠贏赢跡迹車车轉转輪轮輔辅載载較较輕轻輯辑農农這这連连進进運运過过達达違违遠远適适選选遷迁還还邊边郵邮鄉乡鄰邻釗钊鄺邝鐘钟',
  '鏈链鑄铸門门開开閃闪閏闰間间閔闵閣阁闊阔關关陝陕隊队階阶際际隨随險险隱隐難难雲云電电霧雾靈灵頂顶順顺須须預预頌颂領领頻频題题額额願愿類类顯显風风餘余館馆騰腾驍骁驊骅駿骏騎骑驛驿驗验魚鱼鯤鲲鴻鸿',
  '鶴鹤鷹鹰鶯莺麥麦黨党點点齡龄龜龟衚胡衕同濟济瀋沈滬沪灃沣廈厦贛赣遼辽內内臨临鹽盐閩闽蕪芜舖铺鋪铺壩坝壢坜',
].join('');

const SIMPLIFIED: ReadonlyMap<string, string> = new Map(Array.from({ length: PAIRS.length / 2 }, (_, at) => [PAIRS[2 * at] as string, PAIRS[2 * at + 1] as string]));

/**
 * A text with the commonest traditional characters of names and addresses written as the simplified ones. Characters that are not in the table stay.
 *
 * @example simplifyChinese('張偉，臺灣') // '张伟，台湾'
 */
export function simplifyChinese(text: string): string {
  return [...text].map((character) => SIMPLIFIED.get(character) ?? character).join('');
}
