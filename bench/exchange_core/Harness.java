import exchange.core2.collections.objpool.ObjectsPool;
import exchange.core2.core.ExchangeApi;
import exchange.core2.core.ExchangeCore;
import exchange.core2.core.common.BalanceAdjustmentType;
import exchange.core2.core.common.CoreSymbolSpecification;
import exchange.core2.core.common.CoreWaitStrategy;
import exchange.core2.core.common.IOrder;
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
import exchange.core2.core.common.api.ApiPlaceOrder;
import exchange.core2.core.common.api.binary.BatchAddSymbolsCommand;
import exchange.core2.core.common.cmd.CommandResultCode;
import exchange.core2.core.common.cmd.OrderCommand;
import exchange.core2.core.common.cmd.OrderCommandType;
import exchange.core2.core.common.config.ExchangeConfiguration;
import exchange.core2.core.common.config.LoggingConfiguration;
import exchange.core2.core.common.config.OrdersProcessingConfiguration;
import exchange.core2.core.common.config.OrdersProcessingConfiguration.MarginTradingMode;
import exchange.core2.core.common.config.OrdersProcessingConfiguration.RiskProcessingMode;
import exchange.core2.core.common.config.PerformanceConfiguration;
import exchange.core2.core.orderbook.IOrderBook;
import exchange.core2.core.orderbook.OrderBookDirectImpl;
import exchange.core2.core.orderbook.OrderBookEventsHelper;
import exchange.core2.core.processors.MatchingEngineRouter;
import exchange.core2.core.processors.RiskEngine;
import exchange.core2.core.processors.SharedPool;
import exchange.core2.core.processors.journaling.DummySerializationProcessor;
import exchange.core2.core.utils.AffinityThreadFactory;
import exchange.core2.core.utils.AffinityThreadFactory.ThreadAffinityMode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Plays a command stream (services/core/bench/src/stream.rs says its form) to exchange-core 0.5.3.
 *
 * <p>Says {@code "ready"} once the stream is read; then, for each line {@code run}, plays it to a fresh engine and says
 * one JSON object: how long the measured part took, what was traded and what rests at the end. For a line
 * {@code latency}, in the mode inline alone, it says percentiles of single commands instead. Nothing is measured of a
 * network, a journal or a codec.
 *
 * <p>Started with {@code -Xms2g -Xmx2g -XX:+UseParallelGC}. The first runs are slow, while the JVM compiles.
 */
public final class Harness {
    private static final int MISUSED = 2;
    private static final int REFUSED = 1;

    private Harness() {}

    public static void main(String[] arguments) throws Exception {
        try {
            if (arguments.length != 2) {
                throw new IllegalArgumentException("expected two arguments, MODE and FILE, got " + arguments.length);
            }
            serve(arguments[0], Path.of(arguments[1]));
        } catch (IOException | IllegalArgumentException error) {
            System.err.println(error.getMessage());
            System.exit(MISUSED);
        } catch (IllegalStateException refusal) {
            System.err.println(refusal.getMessage());
            System.exit(REFUSED);
        }
    }

    private static void serve(String mode, Path path) throws IOException {
        Engine.requireMode(mode);
        CommandStream stream = CommandStream.read(path);
        Supplier<Engine> fresh = Engine.supplier(mode, stream);
        say("\"ready\"");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            boolean latency = line.equals("latency") && mode.equals("inline");
            if (!latency && !line.equals("run")) {
                throw new IllegalArgumentException("expected run, or latency in the mode inline, got " + line);
            }
            try (Engine engine = fresh.get()) {
                engine.play(0, stream.setup);
                System.gc();
                say(latency ? latency(engine, stream) : run(engine, stream));
            }
        }
    }

    /** The collector has run by now, as it has in exchange-core's own throughput test. */
    private static String run(Engine engine, CommandStream stream) {
        long start = System.nanoTime();
        engine.play(stream.setup, stream.commands);
        double seconds = (System.nanoTime() - start) / 1e9;
        Tally tally = engine.tally;
        List<Resting> resting = engine.books.resting();
        String form = "{\"seconds\": %.9f, \"commands\": %d, \"trades\": %d, \"volume\": %d, \"notional\": %d, "
                + "\"levels\": \"%s\", \"orders\": \"%s\"}";
        return String.format(
                Locale.ROOT, form, seconds, stream.commands - stream.setup, tally.trades, tally.volume, tally.notional,
                Resting.levelsHash(resting), Resting.ordersHash(resting));
    }

    /** Closed loop: a command starts when the one before it is done, and the clock is read twice for each. */
    private static String latency(Engine engine, CommandStream stream) {
        long[] nanoseconds = new long[stream.commands - stream.setup];
        for (int nth = 0; nth < nanoseconds.length; nth++) {
            int at = stream.setup + nth;
            long start = System.nanoTime();
            engine.play(at, at + 1);
            nanoseconds[nth] = System.nanoTime() - start;
        }
        Arrays.sort(nanoseconds);
        return String.format(
                Locale.ROOT, "{\"p50_ns\": %d, \"p99_ns\": %d, \"p9999_ns\": %d}",
                percentile(nanoseconds, 0.5), percentile(nanoseconds, 0.99), percentile(nanoseconds, 0.9999));
    }

    private static long percentile(long[] sorted, double share) {
        return sorted.length == 0 ? 0 : sorted[(int) ((sorted.length - 1) * share)];
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}

/**
 * The stream, in arrays of primitives that are read before any clock starts. A back is an ask, a lay a bid, and the
 * price is the tick and one.
 */
final class CommandStream {
    static final byte PLACE = 0;
    static final byte IMMEDIATE_OR_CANCEL = 1;
    static final byte MOVE = 2;
    static final byte CANCEL = 3;

    /** The price of the last tick: a bid holds funds for it, so that it may be moved to any. */
    static final long HIGHEST_PRICE = 350;

    private static final String MAGIC = "VALSTRM1";
    private static final int HEADER = 24;
    private static final int RECORD = 20;

    final int setup;
    final int commands;
    final int markets;
    final int accounts;
    private final byte[] op;
    private final boolean[] lay;
    private final int[] price;
    private final int[] size;
    private final int[] order;
    private final int[] account;
    private final int[] market;

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
        for (int nth = 0; nth < commands; nth++) {
            decode(bytes, nth);
        }
    }

    private void decode(ByteBuffer bytes, int nth) {
        int at = HEADER + RECORD * nth;
        op[nth] = bytes.get(at);
        lay[nth] = bytes.get(at + 1) == 1;
        price[nth] = bytes.getShort(at + 2) + 1;
        size[nth] = bytes.getInt(at + 4);
        order[nth] = bytes.getInt(at + 8);
        account[nth] = bytes.getInt(at + 12);
        market[nth] = bytes.getInt(at + 16);
        if (op[nth] < PLACE || op[nth] > CANCEL || bytes.get(at + 1) >> 1 != 0) {
            throw new IllegalArgumentException(String.format(
                    "record %d has op %d and side %d, expected an op of 0 to 3 and a side of 0 or 1",
                    nth, op[nth], bytes.get(at + 1)));
        }
    }

    static CommandStream read(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            throw new IOException(path + ": no such file, expected a stream that starts with " + MAGIC);
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        String magic = new String(bytes.array(), 0, Math.min(MAGIC.length(), bytes.limit()), StandardCharsets.US_ASCII);
        if (!magic.equals(MAGIC) || bytes.limit() < HEADER) {
            throw new IOException(path + ": no stream, expected " + HEADER + " bytes or more that start with " + MAGIC);
        }
        long expected = HEADER + RECORD * ((long) bytes.getInt(8) + bytes.getInt(12));
        if (bytes.limit() != expected) {
            throw new IOException(path + ": " + bytes.limit() + " bytes, expected " + expected + " as its header says");
        }
        return new CommandStream(bytes);
    }

    /** Writes a command over another, as the pipeline's translators write it into the ring. */
    void load(int nth, OrderCommand command) {
        command.orderId = order[nth];
        command.symbol = market[nth];
        command.uid = account[nth];
        command.price = price[nth];
        command.matcherEvent = null;
        command.resultCode = CommandResultCode.VALID_FOR_MATCHING_ENGINE;
        switch (op[nth]) {
            case MOVE -> command.command = OrderCommandType.MOVE_ORDER;
            case CANCEL -> command.command = OrderCommandType.CANCEL_ORDER;
            default -> {
                command.command = OrderCommandType.PLACE_ORDER;
                command.size = size[nth];
                command.reserveBidPrice = HIGHEST_PRICE;
                command.action = action(nth);
                command.orderType = type(nth);
            }
        }
    }

    /** The same command, as a gateway hands it to the pipeline. */
    ApiCommand message(int nth) {
        return switch (op[nth]) {
            case MOVE -> ApiMoveOrder.builder()
                    .orderId(order[nth]).newPrice(price[nth]).uid(account[nth]).symbol(market[nth]).build();
            case CANCEL -> ApiCancelOrder.builder()
                    .orderId(order[nth]).uid(account[nth]).symbol(market[nth]).build();
            default -> ApiPlaceOrder.builder()
                    .orderId(order[nth]).uid(account[nth]).symbol(market[nth]).price(price[nth]).size(size[nth])
                    .reservePrice(HIGHEST_PRICE).action(action(nth)).orderType(type(nth)).build();
        };
    }

    private OrderAction action(int nth) {
        return lay[nth] ? OrderAction.BID : OrderAction.ASK;
    }

    private OrderType type(int nth) {
        return op[nth] == IMMEDIATE_OR_CANCEL ? OrderType.IOC : OrderType.GTC;
    }
}

/** Fills, counted from the chain of events that a command leaves: part of what is measured, as in every engine. */
final class Tally {
    long trades;
    long volume;
    long notional;

    void count(OrderCommand command) {
        for (MatcherTradeEvent event = command.matcherEvent; event != null; event = event.nextEvent) {
            if (event.eventType == MatcherEventType.TRADE) {
                trades++;
                volume += event.size;
                notional += event.size * event.price;
            }
        }
    }
}

/** An order as it rests at the end, and the two hashes over all of them; nothing here is measured. */
record Resting(int market, int side, long tick, long order, long account, long size) {
    /** Over the size at every price; they come by market, side and rising tick. */
    static String levelsHash(List<Resting> resting) {
        Fnv1a hash = new Fnv1a();
        int next = 0;
        while (next < resting.size()) {
            Resting level = resting.get(next);
            long size = 0;
            while (next < resting.size() && resting.get(next).isAt(level)) {
                size += resting.get(next++).size;
            }
            hash.add(level.market, level.side, level.tick, size);
        }
        return hash.toString();
    }

    /** Over every order; within a price they come in the order of time. */
    static String ordersHash(List<Resting> resting) {
        Fnv1a hash = new Fnv1a();
        resting.forEach(it -> hash.add(it.market, it.side, it.tick, it.order, it.account, it.size));
        return hash.toString();
    }

    private boolean isAt(Resting level) {
        return market == level.market && side == level.side && tick == level.tick;
    }
}

/** FNV-1a, 64 bits, over numbers as eight little-endian bytes each: how engines are compared, not how fast they are. */
final class Fnv1a {
    private long hash = 0xcbf29ce484222325L;

    void add(long... numbers) {
        for (long number : numbers) {
            for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
                hash = (hash ^ (number >>> shift & 0xff)) * 0x100000001b3L;
            }
        }
    }

    @Override
    public String toString() {
        return String.format("%016x", hash);
    }
}

/**
 * The order books of one engine, kept as exchange-core asks for them: so what rests is read alike in every mode, after
 * the clock has stopped. They are of the kind that its configuration for throughput takes.
 */
final class Books implements IOrderBook.OrderBookFactory {
    private static final int BACK = 0;
    private static final int LAY = 1;

    private final IOrderBook[] byMarket;

    Books(int markets) {
        byMarket = new IOrderBook[markets + 1];
    }

    @Override
    public IOrderBook create(
            CoreSymbolSpecification symbol, ObjectsPool pool, OrderBookEventsHelper events, LoggingConfiguration log) {
        byMarket[symbol.symbolId] = new OrderBookDirectImpl(symbol, pool, events, log);
        return byMarket[symbol.symbolId];
    }

    IOrderBook of(int market) {
        return byMarket[market];
    }

    /** By market, side (backs first), rising tick and time. */
    List<Resting> resting() {
        List<Resting> resting = new ArrayList<>();
        for (int market = 1; market < byMarket.length; market++) {
            add(resting, market, BACK, byMarket[market].askOrdersStream(true).toList());
            add(resting, market, LAY, byMarket[market].bidOrdersStream(true).toList());
        }
        return resting;
    }

    /** They come best price first, and within a price in the order of time, which a stable sort keeps. */
    private static void add(List<Resting> resting, int market, int side, List<? extends IOrder> orders) {
        orders.stream().sorted(Comparator.comparingLong(IOrder::getPrice)).forEach(order -> resting.add(new Resting(
                market, side, order.getPrice() - 1, order.getOrderId(), order.getUid(),
                order.getSize() - order.getFilled())));
    }
}

/** One way to drive exchange-core, from empty books and rich accounts; journals, fees and margin trading are off. */
abstract class Engine implements AutoCloseable {
    private static final List<String> MODES = List.of("inline", "book", "pipeline");
    private static final int BASE_CURRENCY = 978;
    private static final int QUOTE_CURRENCY = 840;

    static final int[] CURRENCIES = {BASE_CURRENCY, QUOTE_CURRENCY};

    /** More than any stream can spend, and so little that the sum over all accounts fits. */
    static final long BALANCE = 1L << 40;

    final Tally tally = new Tally();
    final Books books;

    Engine(CommandStream stream) {
        books = new Books(stream.markets);
    }

    static void requireMode(String mode) {
        if (!MODES.contains(mode)) {
            throw new IllegalArgumentException("no mode is " + mode + ", expected one of " + String.join(", ", MODES));
        }
    }

    /** What makes fresh engines of a mode; what they can share is made once, here. */
    static Supplier<Engine> supplier(String mode, CommandStream stream) {
        return switch (mode) {
            case "inline" -> () -> new Inline(stream);
            case "book" -> () -> new Book(stream);
            default -> {
                List<ApiCommand> messages = IntStream.range(0, stream.commands).mapToObj(stream::message).toList();
                yield () -> new Pipeline(stream, messages);
            }
        };
    }

    /** Carries commands out, from the first up to the last, exclusive, and counts their fills. */
    abstract void play(int from, int to);

    @Override
    public void close() {}

    static List<CoreSymbolSpecification> symbols(CommandStream stream) {
        return IntStream.rangeClosed(1, stream.markets).mapToObj(market -> CoreSymbolSpecification.builder()
                .symbolId(market)
                .type(SymbolType.CURRENCY_EXCHANGE_PAIR)
                .baseCurrency(BASE_CURRENCY)
                .quoteCurrency(QUOTE_CURRENCY)
                .baseScaleK(1)
                .quoteScaleK(1)
                .build()).toList();
    }

    /** As its configuration for throughput, but for two cores that are not ours alone. */
    ExchangeConfiguration configuration() {
        PerformanceConfiguration performance = PerformanceConfiguration.throughputPerformanceBuilder()
                .matchingEnginesNum(1)
                .riskEnginesNum(1)
                .waitStrategy(CoreWaitStrategy.YIELDING)
                .threadFactory(new AffinityThreadFactory(ThreadAffinityMode.THREAD_AFFINITY_DISABLE))
                .orderBookFactory(books)
                .build();
        OrdersProcessingConfiguration processing = OrdersProcessingConfiguration.builder()
                .riskProcessingMode(RiskProcessingMode.FULL_PER_CURRENCY)
                .marginTradingMode(MarginTradingMode.MARGIN_TRADING_DISABLED)
                .build();
        return ExchangeConfiguration.defaultBuilder()
                .performanceCfg(performance)
                .ordersProcessingCfg(processing)
                .build();
    }

    /** A router of its own, outside a pipeline, with the pool that the pipeline would give it. */
    MatchingEngineRouter router(CommandStream stream, SharedPool pool, ExchangeConfiguration configuration) {
        MatchingEngineRouter router = new MatchingEngineRouter(
                0, 1, DummySerializationProcessor.INSTANCE, books, pool, configuration);
        for (CoreSymbolSpecification symbol : symbols(stream)) {
            router.getOrderBooks().put(symbol.symbolId, books.create(
                    symbol, router.getObjectsPool(), router.getEventsHelper(), router.getLoggingCfg()));
        }
        return router;
    }

    /** As ExchangeCore makes it for one risk and one matching engine: in 0.5.3 events are allocated, not pooled. */
    static SharedPool pool() {
        return new SharedPool(64, 16, 1);
    }

    static IllegalStateException refusal(String command) {
        return new IllegalStateException("exchange-core refused a command, expected SUCCESS: " + command);
    }
}

/**
 * Risk hold (R1), matching and risk release (R2) in one thread, on one command that is written over: exchange-core at
 * its fastest on few cores. Left out are the ring, grouping, and market data for subscribers.
 */
final class Inline extends Engine {
    private final CommandStream stream;
    private final RiskEngine risk;
    private final MatchingEngineRouter router;
    private final OrderCommand command = new OrderCommand();

    Inline(CommandStream stream) {
        super(stream);
        this.stream = stream;
        SharedPool pool = pool();
        risk = new RiskEngine(0, 1, DummySerializationProcessor.INSTANCE, pool, configuration());
        router = router(stream, pool, configuration());
        symbols(stream).forEach(risk.getSymbolSpecificationProvider()::addSymbol);
        for (int account = 1; account <= stream.accounts; account++) {
            open(account);
        }
    }

    private void open(int account) {
        command.uid = account;
        command.command = OrderCommandType.ADD_USER;
        administer();
        command.command = OrderCommandType.BALANCE_ADJUSTMENT;
        command.orderType = OrderType.of(BalanceAdjustmentType.ADJUSTMENT.getCode());
        command.price = BALANCE;
        for (int transaction = 1; transaction <= CURRENCIES.length; transaction++) {
            command.orderId = transaction;
            command.symbol = CURRENCIES[transaction - 1];
            administer();
        }
    }

    private void administer() {
        risk.preProcessCommand(0, command);
        if (command.resultCode != CommandResultCode.SUCCESS) {
            throw refusal(command.toString());
        }
    }

    @Override
    void play(int from, int to) {
        for (int nth = from; nth < to; nth++) {
            stream.load(nth, command);
            risk.preProcessCommand(nth, command);
            router.processOrder(nth, command);
            if (command.resultCode != CommandResultCode.SUCCESS) {
                throw refusal(command.toString());
            }
            risk.handlerRiskRelease(nth, command);
            tally.count(command);
        }
    }
}

/** The order books alone, called one command after the other: no accounts, no risk, no look-up of the market. */
final class Book extends Engine {
    private final CommandStream stream;
    private final OrderCommand command = new OrderCommand();

    Book(CommandStream stream) {
        super(stream);
        this.stream = stream;
        router(stream, pool(), configuration());
    }

    @Override
    void play(int from, int to) {
        for (int nth = from; nth < to; nth++) {
            stream.load(nth, command);
            command.resultCode = IOrderBook.processCommand(books.of(command.symbol), command);
            if (command.resultCode != CommandResultCode.SUCCESS) {
                throw refusal(command.toString());
            }
            tally.count(command);
        }
    }
}

/**
 * Its own pipeline, published to as its own throughput test does: the clock stops when the results consumer has seen
 * the last command. Messages are made before. The risk release of the last group may be still to come by then.
 */
final class Pipeline extends Engine {
    private static final long PATIENCE_SECONDS = 10;

    private final List<ApiCommand> messages;
    private final ExchangeCore core;
    private final ExchangeApi api;
    private String refused;

    Pipeline(CommandStream stream, List<ApiCommand> messages) {
        super(stream);
        this.messages = messages;
        core = ExchangeCore.builder()
                .resultsConsumer((command, sequence) -> consume(command))
                .exchangeConfiguration(configuration())
                .build();
        core.startup();
        api = core.getApi();
        api.submitBinaryDataAsync(new BatchAddSymbolsCommand(symbols(stream))).join();
        submit(IntStream.rangeClosed(1, stream.accounts).boxed().flatMap(account -> open(account).stream()).toList());
    }

    private static List<ApiCommand> open(int account) {
        List<ApiCommand> opening = new ArrayList<>();
        opening.add(ApiAddUser.builder().uid(account).build());
        for (int transaction = 1; transaction <= CURRENCIES.length; transaction++) {
            opening.add(ApiAdjustUserBalance.builder()
                    .uid(account).transactionId(transaction).currency(CURRENCIES[transaction - 1]).amount(BALANCE)
                    .build());
        }
        return opening;
    }

    private void consume(OrderCommand command) {
        if (command.resultCode != CommandResultCode.SUCCESS && command.resultCode != CommandResultCode.ACCEPTED) {
            refused = command.toString();
        }
        tally.count(command);
    }

    @Override
    void play(int from, int to) {
        submit(messages.subList(from, to));
    }

    /** Returns when the last of them has come through; what the consumer wrote is then to be seen here. */
    private void submit(List<ApiCommand> commands) {
        api.submitCommandsSync(commands);
        if (refused != null) {
            throw refusal(refused);
        }
    }

    @Override
    public void close() {
        core.shutdown(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
