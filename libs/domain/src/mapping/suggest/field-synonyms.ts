/**
 * What systems call the fields of the dictionary, in English and Chinese: webshops (Shopify, WooCommerce, Magento, Youzan, Taobao), CRMs (HubSpot, Salesforce), WeChat, and
 * the heads of spreadsheets. Written as {@link plainName} leaves them; a name with its parent in front (`customeremail` for `customer.email`) may stand here too.
 */
export const FIELD_SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  name: ['event', 'eventname', 'eventtype', 'action', '事件', '事件名', '事件名称'],
  messageId: ['messageid', 'eventid', 'msgid', 'uuid', '消息id', '事件id'],
  occurredAt: ['timestamp', 'eventtime', 'time', 'ts', 'createdat', 'created', 'createtime', 'datecreated', 'creationtime', 'updatedat', 'updated', '时间', '创建时间', '下单时间', '事件时间', '更新时间', '消费时间', '交易时间'],

  'identities.userId': ['userid', 'uid', 'accountid', 'useraccount', '用户id', '用户编号', '账号', '账户'],
  'identities.memberNo': ['memberno', 'membernumber', 'memberid', 'membercode', 'vipno', 'vipcode', 'cardno', 'cardnumber', 'loyaltynumber', 'loyaltyid', 'loyaltycard', '会员号', '会员卡号', '会员编号', '会员id', '卡号'],
  'identities.crmId': ['crmid', 'contactid', 'hsobjectid', 'leadid', '联系人id', '客户关系id'],
  'identities.customerId': ['customerid', 'customerno', 'customernumber', 'customercode', 'buyerid', 'clientid', '客户id', '客户编号', '顾客编号', '买家id'],
  'identities.unionid': ['unionid', 'wxunionid', 'wechatunionid'],
  'identities.openid': ['openid', 'wxopenid', 'wechatopenid', 'fromusername', '微信openid'],
  'identities.phone': ['phone', 'phonenumber', 'mobile', 'mobilephone', 'mobilenumber', 'cell', 'cellphone', 'tel', 'telephone', 'msisdn', 'buyerphone', 'receivermobile', 'customerphone', '手机', '手机号', '手机号码', '电话', '电话号码', '联系电话', '联系方式'],
  'identities.email': ['email', 'emailaddress', 'mail', 'customeremail', 'buyeremail', 'contactemail', '邮箱', '电子邮箱', '邮件', '电子邮件', '邮箱地址'],
  'identities.deviceId': ['deviceid', 'installationid', '设备id', '设备号'],
  'identities.anonymousId': ['anonymousid', 'visitorid', 'distinctid', 'cookieid', '匿名id', '访客id'],
  'identities.idfa': ['idfa'],
  'identities.gaid': ['gaid', 'adid', 'advertisingid'],

  'profile.firstName': ['firstname', 'givenname', 'forename', 'fname', 'customerfirstname', '名'],
  'profile.lastName': ['lastname', 'surname', 'familyname', 'lname', 'customerlastname', '姓'],
  'profile.name': ['fullname', 'customername', 'contactname', 'membername', 'buyername', 'realname', '姓名', '名字', '客户姓名', '会员姓名', '客户名称', '真实姓名'],
  'profile.nickname': ['nickname', 'nick', 'buyernick', 'displayname', 'screenname', 'alias', '昵称', '微信昵称', '用户名'],
  'profile.title': ['salutation', 'honorific', '称呼', '称谓'],
  'profile.gender': ['gender', 'sex', '性别'],
  'profile.birthday': ['birthday', 'birthdate', 'dateofbirth', 'dob', 'born', '生日', '出生日期', '出生年月'],
  'profile.age': ['age', '年龄'],
  'profile.language': ['language', 'lang', 'locale', 'preferredlanguage', '语言'],
  'profile.street': ['street', 'address', 'address1', 'addressline1', 'streetaddress', 'mailingstreet', '地址', '详细地址', '街道', '联系地址'],
  'profile.city': ['city', 'town', 'mailingcity', 'addresscity', '城市', '市', '所在城市'],
  'profile.region': ['region', 'province', 'state', 'provincename', 'mailingstate', '省', '省份', '所在省份', '地区'],
  'profile.postalCode': ['postalcode', 'postcode', 'zip', 'zipcode', 'mailingpostalcode', '邮编', '邮政编码'],
  'profile.country': ['country', 'countrycode', 'mailingcountry', '国家'],
  'profile.avatarUrl': ['avatarurl', 'avatar', 'headimgurl', 'photo', 'picture', 'profilepicture', '头像'],
  'profile.website': ['website', 'homepage', '网站', '网址'],
  'profile.company': ['company', 'companyname', 'organisation', 'organization', 'employer', '公司', '公司名称', '单位', '工作单位'],
  'profile.jobTitle': ['jobtitle', 'position', 'job', 'occupation', '职位', '职务', '职业'],
  'profile.signedUpAt': ['signedupat', 'signupdate', 'registeredat', 'registertime', 'registrationdate', '注册时间', '注册日期'],
  'profile.memberSince': ['membersince', 'joindate', 'joinedat', 'jointime', 'enrolledat', '入会时间', '入会日期', '开卡时间', '开卡日期'],
  'profile.membershipLevel': ['membershiplevel', 'memberlevel', 'level', 'tier', 'loyaltytier', 'grade', 'viplevel', '会员等级', '等级', '会员级别'],
  'profile.loyaltyPoints': ['loyaltypoints', 'points', 'pointsbalance', 'pointbalance', 'credits', 'bonus', '积分', '可用积分', '积分余额', '会员积分'],
  'profile.preferredStoreId': ['preferredstoreid', 'homestore', 'homestoreid', 'belongstore', '归属门店', '所属门店'],
  'profile.lifecycleStage': ['lifecyclestage', 'stage', 'leadstatus', '生命周期'],
  'profile.tags': ['tags', 'labels', 'customertags', '标签', '客户标签'],
  'profile.source': ['source', 'leadsource', 'origin', 'sourcechannel', 'acquisitionchannel', '来源', '渠道来源', '客户来源', '注册来源'],

  'order.orderId': ['orderid', 'ordernumber', 'orderno', 'ordersn', 'tid', 'tradeno', 'tradeid', 'outtradeno', 'incrementid', 'receiptno', 'receiptid', 'transactionid', 'billno', '订单号', '订单编号', '单号', '小票号', '小票编号', '交易号', '流水号'],
  'order.orderNumber': ['ordernumber', 'displayid', 'ordername'],
  'order.status': ['orderstatus', 'financialstatus', 'tradestatus', 'paymentstatus', 'paystatus', '订单状态', '交易状态', '支付状态'],
  'order.channel': ['orderchannel', 'saleschannel', 'sourcename', '销售渠道', '下单渠道'],
  'order.currency': ['currency', 'currencycode', 'ordercurrency', 'ordercurrencycode', 'feetype', '币种', '货币'],
  'order.subtotal': ['subtotal', 'subtotalprice', 'itemstotal', '商品金额', '商品总额'],
  'order.discount': ['discount', 'discounttotal', 'totaldiscounts', 'discountamount', 'discountfee', '优惠', '优惠金额', '折扣', '折扣金额'],
  'order.shipping': ['shipping', 'shippingtotal', 'shippingprice', 'shippingamount', 'postfee', 'freight', '运费', '邮费'],
  'order.tax': ['tax', 'totaltax', 'taxamount', 'vat', '税', '税额', '税费'],
  'order.total': ['total', 'totalprice', 'grandtotal', 'ordertotal', 'totalamount', 'orderamount', 'amount', 'payment', 'paidamount', 'payamount', 'totalfee', 'totalcents', 'receipttotal', '金额', '总金额', '订单金额', '实付', '实付金额', '支付金额', '消费金额', '实收金额', '合计'],
  'order.refunded': ['refunded', 'refundamount', 'refundfee', 'refundtotal', '退款', '退款金额'],
  'order.coupon': ['coupon', 'couponcode', 'discountcode', 'promocode', 'voucher', '优惠券', '优惠码', '券码'],
  'order.paymentMethod': ['paymentmethod', 'paymethod', 'paytype', 'paymenttype', 'gateway', '支付方式', '付款方式'],
  'order.shippingMethod': ['shippingmethod', 'deliverymethod', '配送方式'],
  'order.storeId': ['storeid', 'storecode', 'storeno', 'shopid', 'shopcode', 'locationid', 'branchid', '门店编号', '门店id', '门店编码', '店铺id', '店铺编号'],
  'order.placedAt': ['placedat', 'orderedat', 'orderdate', 'ordertime', 'createdat', 'datecreated', 'purchasedat', 'processedat', '下单时间', '订单时间', '交易时间', '消费时间'],
  'order.paidAt': ['paidat', 'paytime', 'paymenttime', 'datepaid', '支付时间', '付款时间'],
  'order.note': ['note', 'customernote', 'remark', 'buyermessage', 'comment', '备注', '买家留言', '订单备注'],

  'store.storeId': ['storeid', 'storecode', 'storeno', '门店编号', '门店id', '门店编码'],
  'store.name': ['storename', 'shopname', 'branchname', 'locationname', '门店', '门店名称', '店铺', '店铺名称'],
  'store.registerId': ['registerid', 'terminalid', 'posid', 'posno', '收银机号', '终端号'],

  'properties.sku': ['sku', 'skuid'],
  'properties.productId': ['productid', 'itemid', 'goodsid', '商品id', '商品编号'],
  'properties.query': ['searchterm', 'keyword', 'q', '搜索词', '关键词'],
  'properties.pointsChanged': ['pointschanged', 'pointsearned', 'pointsdelta', '积分变动', '变动积分'],
  'properties.pointsBalance': ['pointsbalance', 'pointsafter', '积分余额'],
  'properties.reason': ['refundreason', 'returnreason', '退款原因', '退货原因', '原因'],

  'lines.productId': ['productid', 'itemid', 'goodsid', 'numiid', '商品id', '商品编号', '商品编码'],
  'lines.sku': ['sku', 'skuid', 'skucode', 'outerskuid', 'barcode', '规格编码', '条码', '货号'],
  'lines.name': ['name', 'title', 'productname', 'itemname', 'goodsname', '商品名称', '商品名', '商品', '品名', '名称'],
  'lines.brand': ['brand', 'vendor', 'manufacturer', '品牌'],
  'lines.category': ['category', 'categoryname', 'producttype', '分类', '品类', '类目'],
  'lines.variant': ['variant', 'varianttitle', 'skuname', 'skupropertiesname', 'spec', '规格', '颜色尺码'],
  'lines.price': ['price', 'unitprice', 'itemprice', '单价', '价格', '售价'],
  'lines.quantity': ['quantity', 'qty', 'num', 'count', 'quantityordered', '数量', '件数'],
  'lines.total': ['total', 'linetotal', 'rowtotal', 'amount', 'totalfee', '小计', '金额', '实付金额'],
  'lines.discount': ['discount', 'linediscount', 'discountamount', 'totaldiscount', '折扣', '优惠', '优惠金额'],
};

/** What lists of products are called. */
export const LINE_LISTS: ReadonlySet<string> = new Set(['items', 'lineitems', 'lines', 'products', 'goods', 'orderitems', 'orderlines', 'orders', 'details', 'itemlist', 'goodslist', 'productlist', 'skulist', '商品', '商品明细', '明细', '订单明细', '商品列表']);

/** Parts of a record, by what the object around a field is called. */
export const CONTEXT_WORDS: ReadonlyMap<string, 'person' | 'order' | 'store'> = new Map([
  ...['customer', 'user', 'member', 'buyer', 'contact', 'traits', 'profile', 'person', 'client', 'billing', 'billingaddress', 'defaultaddress', 'subscriber', '会员', '客户', '顾客', '买家', '用户'].map((word) => [word, 'person'] as const),
  ...['order', 'trade', 'checkout', 'receipt', 'transaction', 'sale', '订单', '交易', '小票'].map((word) => [word, 'order'] as const),
  ...['store', 'shop', 'outlet', 'branch', '门店', '店铺'].map((word) => [word, 'store'] as const),
]);

/** Names that mean something else in each system: alone they say nothing. */
export const VAGUE_NAMES: ReadonlySet<string> = new Set(['id', 'name', 'type', 'value', 'title', 'label', 'method', 'path', 'hash', 'status', 'code', 'number', 'position', 'step']);

/**
 * A name without case, spaces and signs.
 *
 * @example plainName('Customer_E-Mail') // 'customeremail'
 */
export function plainName(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
