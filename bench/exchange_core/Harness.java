import exchange.core2.core.ExchangeCore;
import exchange.core2.core.common.BalanceAdjustmentType;
import exchange.core2.core.common.CoreSymbolSpecification;
import exchange.core2.core.common.CoreWaitStrategy;
import exchange.core2.core.common.IOrder;
import exchange.core2.core.common.L2MarketData;
import exchange.core2.core.common.MatcherEventType;
import exchange.core2.core.common.MatcherTradeEvent;
import exchange.core2.core.common.OrderAction;
import exchange.core2.core.common.OrderType;
import exchange.core2.core.common.SymbolType;
import exchange.core2.core.common.api.ApiAddUser;
import exchange.core2.core.common.api.ApiAdjustUserBalance;
import exchange.core2.core.common.api.ApiCancelOrder;
import exchange.core2.core.common.api.ApiCommand;
import exchange.core2.core.common.api.ApiMoveOrder;
import exchange.core2.core.common.api.ApiNop;
import exchange.core2.core.common.api.ApiPlaceOrder;
import exchange.core2.core.common.api.binary.BatchAddSymbolsCommand;
import exchange.core2.core.common.cmd.CommandResultCode;
import exchange.core2.core.common.cmd.OrderCommand;
import exchange.core2.core.common.cmd.OrderCommandType;
import exchange.core2.core.common.config.ExchangeConfiguration;
import exchange.core2.core.common.config.OrdersProcessingConfiguration;
import exchange.core2.core.common.config.OrdersProcessingConfiguration.MarginTradingMode;
import exchange.core2.core.common.config.OrdersProcessingConfiguration.RiskProcessingMode;
import exchange.core2.core.common.config.PerformanceConfiguration;
import exchange.core2.core.orderbook.IOrderBook;
import exchange.core2.core.orderbook.OrderBookDirectImpl;
import exchange.core2.core.processors.MatchingEngineRouter;
import exchange.core2.core.processors.RiskEngine;
import exchange.core2.core.processors.SharedPool;
import exchange.core2.core.processors.journaling.DummySerializationProcessor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.collections.impl.map.mutable.primitive.IntObjectHashMap;

/**
 * Plays a command stream (services/core/bench/src/stream.rs says its form) to exchange-core 0.5.3.
 *
 * <p>Modes: {@code inline} drives risk hold, matching and risk release in one thread, {@code book} calls the order book
 * alone, {@code pipeline} is its own disruptor on two cores. Says "ready"; then for each line {@code run} one JSON object
 * about a run from the start, for {@code latency} the percentiles of single commands (not of the pipeline).
 *
 * <p>A back is an ask, a lay a bid, the price the tick and one. Runs in a heap of 2 GiB with the parallel collector, which
 * is faster here than the default.
 */
public final class Harness {
    static final int BASE = 1;
    static final int QUOTE = 2;
    static final long RICH = 1L << 50;
    /** A bid is held at this price, so that it may be moved to any. */
    static final long HIGHEST = 350;

    private Harness() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            fail("usage: Harness inline|book|pipeline FILE");
        }
        CommandStream stream;
        try {
            stream = CommandStream.read(Path.of(arguments[1]));
        } catch (IOException error) {
            fail(arguments[1] + ": " + error.getMessage());
            return;
        }
        say("\"ready\"");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            try (Engine engine = Engine.named(arguments[0], stream)) {
                say(switch (line) {
                    case "run" -> run(engine, stream);
                    case "latency" -> latency(engine, stream);
                    default -> throw new IllegalArgumentException("expected run or latency, got " + line);
                });
            } catch (IllegalArgumentException error) {
                fail(error.getMessage());
            }
        }
    }

    private static String run(Engine engine, CommandStream stream) {
        engine.play(stream, 0, stream.setup);
        long start = System.nanoTime();
        engine.play(stream, stream.setup, stream.commands);
        double seconds = (System.nanoTime() - start) / 1e9;
        Tally tally = engine.tally();
        List<Resting> resting = engine.resting();
        String orders = resting.stream().allMatch(order -> order.order() != 0) ? Resting.ordersHash(resting) : null;
        return String.format(
                Locale.ROOT,
                "{\"seconds\": %.9f, \"commands\": %d, \"trades\": %d, \"volume\": %d, \"notional\": %d, "
                        + "\"levels\": \"%s\", \"orders\": %s}",
                seconds, stream.commands - stream.setup, tally.trades, tally.volume, tally.notional,
                Resting.levelsHash(resting), orders == null ? "null" : "\"" + orders + "\"");
    }

    private static String latency(Engine engine, CommandStream stream) {
        engine.play(stream, 0, stream.setup);
        long[] nanoseconds = new long[stream.commands - stream.setup];
        for (int nth = 0; nth < nanoseconds.length; nth++) {
            long start = System.nanoTime();
            engine.play(stream, stream.setup + nth, stream.setup + nth + 1);
            nanoseconds[nth] = System.nanoTime() - start;
        }
        Arrays.sort(nanoseconds);
        return String.format(
                "{\"p50_ns\": %d, \"p99_ns\": %d, \"p9999_ns\": %d}",
                percentile(nanoseconds, 5_000), percentile(nanoseconds, 9_900), percentile(nanoseconds, 9_999));
    }

    private static long percentile(long[] sorted, int hundredths) {
        return sorted[(int) ((sorted.length - 1L) * hundredths / 10_000)];
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static void fail(String message) {
        System.err.println(message);
        System.exit(2);
    }
}

/** The stream, in arrays that are read before any clock starts. */
final class CommandStream {
    static final byte PLACE = 0;
    static final byte IMMEDIATE_OR_CANCEL = 1;
    static final byte MOVE = 2;
    static final byte CANCEL = 3;
    private static final int HEADER = 24;
    private static final int RECORD = 20;

    final int setup;
    final int commands;
    final int markets;
    final int accounts;
    final byte[] op;
    final boolean[] lay;
    final int[] price;
    final int[] size;
    final int[] order;
    final int[] account;
    final int[] market;

    private CommandStream(ByteBuffer bytes) {
        setup = bytes.getInt(8);
        commands = setup + bytes.getInt(12);
        markets = bytes.getInt(16);
        accounts = bytes.getInt(20);
        op = new byte[commands];
        lay = new boolean[commands];
        price = new int[commands];
        size = new int[commands];
        order = new int[commands];
        account = new int[commands];
        market = new int[commands];
        for (int nth = 0, at = HEADER; nth < commands; nth++, at += RECORD) {
            op[nth] = bytes.get(at);
            lay[nth] = bytes.get(at + 1) == 1;
            price[nth] = bytes.getShort(at + 2) + 1;
            size[nth] = bytes.getInt(at + 4);
            order[nth] = bytes.getInt(at + 8);
            account[nth] = bytes.getInt(at + 12);
            market[nth] = bytes.getInt(at + 16);
        }
    }

    static CommandStream read(Path path) throws IOException {
        if (!Files.isReadable(path)) {
            throw new IOException("there is no such file");
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[Math.min(8, bytes.limit())];
        bytes.get(0, magic);
        if (!"VALSTRM1".equals(new String(magic, StandardCharsets.US_ASCII)) || bytes.limit() < HEADER) {
            throw new IOException("not a VALSTRM1 stream");
        }
        if (bytes.limit() != HEADER + RECORD * (bytes.getInt(8) + bytes.getInt(12))) {
            throw new IOException("its length is not what its header says");
        }
        return new CommandStream(bytes);
    }

    OrderAction action(int nth) {
        return lay[nth] ? OrderAction.BID : OrderAction.ASK;
    }

    OrderType type(int nth) {
        return op[nth] == IMMEDIATE_OR_CANCEL ? OrderType.IOC : OrderType.GTC;
    }
}

/** Fills, counted. */
final class Tally {
    long trades;
    long volume;
    long notional;

    void count(MatcherTradeEvent chain) {
        for (MatcherTradeEvent event = chain; event != null; event = event.nextEvent) {
            if (event.eventType == MatcherEventType.TRADE) {
                trades++;
                volume += event.size;
                notional += event.size * event.price;
            }
        }
    }
}

/** What rests at the end: an order, or (with order and account 0) all of a price. */
record Resting(int market, int side, int tick, long order, long account, long size) {
    /** FNV-1a over the stake at every price; they come by market, side and rising tick. */
    static String levelsHash(List<Resting> resting) {
        List<Resting> levels = new ArrayList<>();
        for (Resting order : resting) {
            Resting last = levels.isEmpty() ? null : levels.get(levels.size() - 1);
            if (last != null && last.market == order.market && last.side == order.side && last.tick == order.tick) {
                levels.set(levels.size() - 1, order.of(0, 0, last.size + order.size));
            } else {
                levels.add(order.of(0, 0, order.size));
            }
        }
        return hash(levels.stream().flatMap(it -> Stream.of((long) it.market, (long) it.side, (long) it.tick, it.size)));
    }

    /** FNV-1a over the orders, within a price in the order of time. */
    static String ordersHash(List<Resting> resting) {
        return hash(resting.stream().flatMap(it -> Stream.of(
                (long) it.market, (long) it.side, (long) it.tick, it.order, it.account, it.size)));
    }

    private Resting of(long order, long account, long size) {
        return new Resting(market, side, tick, order, account, size);
    }

    private static String hash(Stream<Long> numbers) {
        long hash = 0xcbf29ce484222325L;
        for (Iterator<Long> it = numbers.iterator(); it.hasNext(); ) {
            long number = it.next();
            for (int shift = 0; shift < 64; shift += 8) {
                hash = (hash ^ (number >>> shift & 0xff)) * 0x100000001b3L;
            }
        }
        return String.format("%016x", hash);
    }
}

/** One way to drive exchange-core, with empty books and rich accounts. */
interface Engine extends AutoCloseable {
    static Engine named(String mode, CommandStream stream) {
        return switch (mode) {
            case "inline" -> new Inline(stream, true);
            case "book" -> new Inline(stream, false);
            case "pipeline" -> new Pipeline(stream);
            default -> throw new IllegalArgumentException("expected inline, book or pipeline, got " + mode);
        };
    }

    /** Carries commands out, from the first up to the last, exclusive. */
    void play(CommandStream stream, int from, int to);

    Tally tally();

    /** What rests: by market, side (backs first) and rising tick. */
    List<Resting> resting();

    @Override
    void close();

    static ExchangeConfiguration configuration(PerformanceConfiguration performance) {
        OrdersProcessingConfiguration processing = OrdersProcessingConfiguration.builder()
                .riskProcessingMode(RiskProcessingMode.FULL_PER_CURRENCY)
                .marginTradingMode(MarginTradingMode.MARGIN_TRADING_DISABLED)
                .build();
        return ExchangeConfiguration.defaultBuilder()
                .performanceCfg(performance)
                .ordersProcessingCfg(processing)
                .build();
    }

    static CoreSymbolSpecification symbol(int market) {
        return CoreSymbolSpecification.builder()
                .symbolId(market)
                .type(SymbolType.CURRENCY_EXCHANGE_PAIR)
                .baseCurrency(Harness.BASE)
                .quoteCurrency(Harness.QUOTE)
                .baseScaleK(1)
                .quoteScaleK(1)
                .build();
    }
}

/**
 * Risk hold, matching and risk release in one thread on one command object, without a ring: exchange-core at its fastest
 * on few cores. Without risk, the order book alone.
 */
final class Inline implements Engine {
    private final RiskEngine risk;
    private final MatchingEngineRouter router;
    private final IOrderBook[] books;
    private final boolean withRisk;
    private final OrderCommand command = new OrderCommand();
    private final Tally tally = new Tally();

    Inline(CommandStream stream, boolean withRisk) {
        this.withRisk = withRisk;
        PerformanceConfiguration performance =
                PerformanceConfiguration.baseBuilder().orderBookFactory(OrderBookDirectImpl::new).build();
        ExchangeConfiguration configuration = Engine.configuration(performance);
        SharedPool pool = new SharedPool(64, 16, 1);
        risk = new RiskEngine(0, 1, DummySerializationProcessor.INSTANCE, pool, configuration);
        router = new MatchingEngineRouter(
                0, 1, DummySerializationProcessor.INSTANCE, OrderBookDirectImpl::new, pool, configuration);
        books = new IOrderBook[stream.markets + 1];
        for (int market = 1; market <= stream.markets; market++) {
            books[market] = open(Engine.symbol(market));
        }
        for (int account = 1; account <= stream.accounts; account++) {
            enrich(account);
        }
    }

    /** The router opens books only for a message in its own binary form: its private method does as well. */
    private IOrderBook open(CoreSymbolSpecification symbol) {
        risk.getSymbolSpecificationProvider().addSymbol(symbol);
        try {
            Method add = MatchingEngineRouter.class.getDeclaredMethod("addSymbol", CoreSymbolSpecification.class);
            add.setAccessible(true);
            add.invoke(router, symbol);
            var field = MatchingEngineRouter.class.getDeclaredField("orderBooks");
            field.setAccessible(true);
            return (IOrderBook) ((IntObjectHashMap<?>) field.get(router)).get(symbol.symbolId);
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException("exchange-core is not 0.5.3", error);
        }
    }

    private void enrich(int account) {
        command.command = OrderCommandType.ADD_USER;
        command.uid = account;
        risk.preProcessCommand(0, command);
        for (int currency : new int[] {Harness.BASE, Harness.QUOTE}) {
            command.command = OrderCommandType.BALANCE_ADJUSTMENT;
            command.symbol = currency;
            command.price = Harness.RICH;
            command.orderId = currency;
            command.orderType = OrderType.of((byte) BalanceAdjustmentType.ADJUSTMENT.getCode());
            risk.preProcessCommand(0, command);
            require(CommandResultCode.SUCCESS);
        }
    }

    @Override
    public void play(CommandStream stream, int from, int to) {
        for (int nth = from; nth < to; nth++) {
            fill(stream, nth);
            if (withRisk) {
                risk.preProcessCommand(nth, command);
                router.processOrder(nth, command);
                require(CommandResultCode.SUCCESS);
                risk.handlerRiskRelease(nth, command);
            } else {
                command.resultCode = IOrderBook.processCommand(books[command.symbol], command);
                require(CommandResultCode.SUCCESS);
            }
            if (command.matcherEvent != null) {
                tally.count(command.matcherEvent);
            }
        }
    }

    private void fill(CommandStream stream, int nth) {
        command.orderId = stream.order[nth];
        command.symbol = stream.market[nth];
        command.uid = stream.account[nth];
        command.price = stream.price[nth];
        command.matcherEvent = null;
        command.resultCode = CommandResultCode.VALID_FOR_MATCHING_ENGINE;
        switch (stream.op[nth]) {
            case CommandStream.MOVE -> command.command = OrderCommandType.MOVE_ORDER;
            case CommandStream.CANCEL -> command.command = OrderCommandType.CANCEL_ORDER;
            default -> {
                command.command = OrderCommandType.PLACE_ORDER;
                command.size = stream.size[nth];
                command.reserveBidPrice = Harness.HIGHEST;
                command.action = stream.action(nth);
                command.orderType = stream.type(nth);
            }
        }
    }

    private void require(CommandResultCode expected) {
        if (command.resultCode != expected) {
            throw new IllegalArgumentException("exchange-core refused " + command + ": expected " + expected);
        }
    }

    @Override
    public Tally tally() {
        return tally;
    }

    @Override
    public List<Resting> resting() {
        List<Resting> resting = new ArrayList<>();
        for (int market = 1; market < books.length; market++) {
            add(resting, market, 0, books[market].askOrdersStream(true).toList());
            add(resting, market, 1, byRisingPrice(books[market].bidOrdersStream(true).toList()));
        }
        return resting;
    }

    /** Bids come best first, and within a price in the order of time. */
    private static List<IOrder> byRisingPrice(List<? extends IOrder> bids) {
        List<IOrder> sorted = new ArrayList<>(bids);
        sorted.sort((one, other) -> Long.compare(one.getPrice(), other.getPrice()));
        return sorted;
    }

    private static void add(List<Resting> resting, int market, int side, List<? extends IOrder> orders) {
        for (IOrder order : orders) {
            long left = order.getSize() - order.getFilled();
            int tick = (int) order.getPrice() - 1;
            resting.add(new Resting(market, side, tick, order.getOrderId(), order.getUid(), left));
        }
    }

    @Override
    public void close() {}
}

/** Its own pipeline: one risk and one matching engine, yielding, on as many threads as it starts, none of them pinned. */
final class Pipeline implements Engine {
    private final ExchangeCore core;
    private final Tally tally = new Tally();
    private final int markets;
    private volatile String refused;
    private ApiCommand[] prepared;

    Pipeline(CommandStream stream) {
        markets = stream.markets;
        PerformanceConfiguration performance = PerformanceConfiguration.throughputPerformanceBuilder()
                .matchingEnginesNum(1)
                .riskEnginesNum(1)
                .waitStrategy(CoreWaitStrategy.YIELDING)
                .threadFactory(Thread::new)
                .build();
        core = ExchangeCore.builder()
                .resultsConsumer((command, sequence) -> consume(command))
                .exchangeConfiguration(Engine.configuration(performance))
                .build();
        core.startup();
        IntObjectHashMap<CoreSymbolSpecification> symbols = new IntObjectHashMap<>();
        for (int market = 1; market <= markets; market++) {
            symbols.put(market, Engine.symbol(market));
        }
        core.getApi().submitBinaryDataAsync(new BatchAddSymbolsCommand(symbols)).join();
        for (int account = 1; account <= stream.accounts; account++) {
            enrich(account);
        }
        await();
        prepared = new ApiCommand[stream.commands];
        for (int nth = 0; nth < stream.commands; nth++) {
            prepared[nth] = command(stream, nth);
        }
    }

    private void enrich(int account) {
        core.getApi().submitCommand(ApiAddUser.builder().uid(account).build());
        for (int currency : new int[] {Harness.BASE, Harness.QUOTE}) {
            core.getApi().submitCommand(ApiAdjustUserBalance.builder()
                    .uid(account).currency(currency).amount(Harness.RICH).transactionId(currency).build());
        }
    }

    private static ApiCommand command(CommandStream stream, int nth) {
        long order = stream.order[nth];
        long account = stream.account[nth];
        int market = stream.market[nth];
        long price = stream.price[nth];
        return switch (stream.op[nth]) {
            case CommandStream.MOVE ->
                ApiMoveOrder.builder().orderId(order).newPrice(price).uid(account).symbol(market).build();
            case CommandStream.CANCEL -> ApiCancelOrder.builder().orderId(order).uid(account).symbol(market).build();
            default -> ApiPlaceOrder.builder()
                    .orderId(order).uid(account).symbol(market).price(price).size(stream.size[nth])
                    .reservePrice(Harness.HIGHEST).action(stream.action(nth)).orderType(stream.type(nth))
                    .build();
        };
    }

    private void consume(OrderCommand command) {
        if (command.resultCode != CommandResultCode.SUCCESS && command.resultCode != CommandResultCode.ACCEPTED) {
            refused = command.toString();
        }
        if (command.matcherEvent != null) {
            tally.count(command.matcherEvent);
        }
    }

    @Override
    public void play(CommandStream stream, int from, int to) {
        for (int nth = from; nth < to; nth++) {
            core.getApi().submitCommand(prepared[nth]);
        }
        await();
        if (refused != null) {
            throw new IllegalArgumentException("exchange-core refused " + refused);
        }
    }

    /** Until everything that was submitted has come through. */
    private void await() {
        core.getApi().submitCommandsSync(List.of(ApiNop.builder().build()));
    }

    @Override
    public Tally tally() {
        return tally;
    }

    @Override
    public List<Resting> resting() {
        List<Resting> resting = new ArrayList<>();
        for (int market = 1; market <= markets; market++) {
            L2MarketData levels = core.getApi().requestOrderBookAsync(market, -1).join();
            for (int nth = 0; nth < levels.askSize; nth++) {
                resting.add(new Resting(market, 0, (int) levels.askPrices[nth] - 1, 0, 0, levels.askVolumes[nth]));
            }
            for (int nth = levels.bidSize - 1; nth >= 0; nth--) {
                resting.add(new Resting(market, 1, (int) levels.bidPrices[nth] - 1, 0, 0, levels.bidVolumes[nth]));
            }
        }
        return resting;
    }

    @Override
    public void close() {
        prepared = null;
        core.shutdown(10, TimeUnit.SECONDS);
    }
}
