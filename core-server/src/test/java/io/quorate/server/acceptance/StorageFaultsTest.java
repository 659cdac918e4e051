package io.quorate.server.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.quorate.client.QuorateClient;
import io.quorate.server.config.Secret;
import io.quorate.server.config.StorageConfig;
import io.quorate.server.storage.StorageException;
import io.quorate.server.transport.Await;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/**
 * Goal: one server with a damaged data directory, a failing disk or the wrong secret says so, does
 * what was promised, and hurts nobody else.
 *
 * <p>Method: three servers, one is stopped, its files are changed, it is started again. Whether it
 * has a vote is shown by stopping another one: then a leader needs it.
 */
class StorageFaultsTest {
  private static final int WRITES = 30;

  /** Of such a write in the log, generously. */
  private static final int ENTRY_BYTES_MAX = 300;

  /** Where a segment says how many identifiers it has room for; entries begin after these. */
  private static final int SLOT_CAPACITY_OFFSET = 12;

  private static final int SLOTS_OFFSET = 8192;
  private static final int SLOT_BYTES = 32;
  private static final int ENTRIES_ALIGNMENT = 4096;
  private static final int SUPERBLOCK_SLOT_BYTES = 128 << 10;

  @TempDir private Path directory;
  private Servers servers = new Servers(Path.of("unused"), StorageConfig.defaults());

  // --- what the log of the process says ----------------------------------------------------------

  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.quorate.server");
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
            lines.add(event.getFormattedMessage());
          }
        }
      };

  @BeforeEach
  void start() {
    appender.setContext(logger.getLoggerContext());
    appender.start();
    logger.addAppender(appender);
    logger.setAdditive(false); // these tests provoke what it would print
    servers = new Servers(directory, StorageConfig.defaults()).start();
  }

  @AfterEach
  void close() {
    servers.close();
    logger.detachAppender(appender);
    logger.setAdditive(true);
  }

  private void assertLogged(int server, String... parts) {
    assertThat(lines)
        .anySatisfy(line -> assertThat(line).contains("; server=" + server).contains(parts));
  }

  // --- a victim ----------------------------------------------------------------------------------

  /** Writes through a client of the other servers, and kills a follower that has it all. */
  private int killedFollower() throws InterruptedException {
    int victim = servers.follower();
    QuorateClient client = clientBeside(victim);
    client.blocking().create("/a", null);
    for (int i = 0; i < WRITES; i++) {
      client.blocking().set("/a", new byte[100]);
    }
    servers.assertEqualStates();
    servers.kill(victim);
    return victim;
  }

  private QuorateClient clientBeside(int victim) {
    return servers.clientOf(victim == 1 ? 2 : 1);
  }

  private void assertOthersGoOn(int victim) throws InterruptedException {
    clientBeside(victim).blocking().set("/a", new byte[1]);
  }

  /** It converges, and its vote is as good as any: with another one gone, two still lead. */
  private void assertWholeAgain(int victim) throws InterruptedException {
    servers.assertEqualStates();
    int leader = servers.leader();
    int stopped = leader == victim ? servers.follower() : leader;
    servers.stop(stopped);
    servers.awaitServing();
    servers.client().blocking().set("/a", new byte[2]);
    servers.start(stopped);
    servers.assertEqualStates();
  }

  /** Without the victim two are a quorum and one is none, whatever the victim does. */
  private void assertHasNoVote(int victim) {
    servers.closeClients();
    int stopped = Servers.third(victim, servers.awaitLeaderBut(victim));
    servers.stop(stopped);
    servers.assertNobodyLeads();
    servers.start(stopped);
    assertThat(servers.awaitLeaderBut(victim)).isNotEqualTo(victim);
  }

  // --- its files ---------------------------------------------------------------------------------

  private Path onlySegment(int server) throws IOException {
    try (Stream<Path> files = Files.walk(servers.dataDir(server))) {
      List<Path> segments = files.filter(path -> path.toString().endsWith(".seg")).toList();
      assertThat(segments).hasSize(1);
      return segments.get(0);
    }
  }

  private static int entriesOffset(byte[] segment) {
    int end = SLOTS_OFFSET + ByteBuffer.wrap(segment).getInt(SLOT_CAPACITY_OFFSET) * SLOT_BYTES;
    return (end + ENTRIES_ALIGNMENT - 1) / ENTRIES_ALIGNMENT * ENTRIES_ALIGNMENT;
  }

  /** Behind the last byte of an entry; space that was only reserved is blank. */
  private static int entriesEnd(byte[] segment) {
    int end = segment.length;
    while (segment[end - 1] == 0) {
      end--;
    }
    return end;
  }

  private static void flipBit(Path file, int offset) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[offset] ^= 0x10;
    Files.write(file, bytes);
  }

  private void flipSuperblockSlot(int server, int slot) throws IOException {
    flipBit(servers.dataDir(server).resolve("superblock"), slot * SUPERBLOCK_SLOT_BYTES + 20);
  }

  private static void deleteAll(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  // --- the log -----------------------------------------------------------------------------------

  @Test
  void bitFlippedInTheMiddleOfTheLog_isNamedAndTheServerDoesNotVote()
      throws IOException, InterruptedException {
    int victim = killedFollower();
    Path segment = onlySegment(victim);
    byte[] bytes = Files.readAllBytes(segment);
    int middle = (entriesOffset(bytes) + entriesEnd(bytes)) / 2;
    flipBit(segment, middle);

    servers.start(victim);

    String fault = servers.awaitFault(victim);
    assertThat(fault).contains("does not vote", String.valueOf(segment.getFileName()));
    Matcher offset = Pattern.compile("at offset (\\d+)").matcher(fault);
    assertThat(offset.find()).as(fault).isTrue();
    assertThat(Integer.parseInt(offset.group(1)))
        .isBetween(middle - ENTRY_BYTES_MAX, middle); // where the entry begins
    assertThat(servers.server(victim).serves()).isFalse();
    assertOthersGoOn(victim);
    assertHasNoVote(victim);

    // As the message says: wiped, it joins anew.
    servers.kill(victim);
    deleteAll(servers.dataDir(victim));
    servers.forget();
    servers.start(victim);
    servers.awaitNewLife();
    assertWholeAgain(victim);
  }

  @Test
  void tornTail_isCutAndTheServerStarts() throws IOException, InterruptedException {
    int victim = killedFollower();
    Path segment = onlySegment(victim);
    byte[] bytes = Files.readAllBytes(segment);
    int end = entriesEnd(bytes);
    int entry = entriesOffset(bytes);
    // The beginning of an entry that was never finished: as the first one begins.
    byte[] torn = Arrays.copyOf(bytes, Math.max(bytes.length, end + 30));
    System.arraycopy(bytes, entry, torn, end, 30);
    Files.write(segment, torn);

    servers.start(victim);

    assertWholeAgain(victim);
    assertLogged(victim, String.valueOf(segment.getFileName()), "torn tail, cut");
  }

  @Test
  void emptiedLog_isRefusedByName() throws IOException, InterruptedException {
    int victim = killedFollower();
    Path segment = onlySegment(victim);
    Files.write(segment, new byte[0]);

    assertThatThrownBy(() -> servers.start(victim))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(String.valueOf(segment.getFileName()));

    assertOthersGoOn(victim);
    deleteAll(servers.dataDir(victim));
    servers.forget();
    servers.start(victim);
    servers.awaitNewLife();
    assertWholeAgain(victim);
  }

  // --- the superblock ----------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void oneDamagedSuperblockSlot_costsNothing(int slot) throws IOException, InterruptedException {
    int victim = killedFollower();
    flipSuperblockSlot(victim, slot);

    servers.start(victim);

    assertWholeAgain(victim);
    assertLogged(victim, "superblock slot " + slot + " is damaged");
    assertThat(lines).noneMatch(line -> line.contains("counts as wiped"));
  }

  @Test
  void bothSuperblockSlotsDamaged_joinsAnewAndConverges() throws IOException, InterruptedException {
    int victim = killedFollower();
    flipSuperblockSlot(victim, 0);
    flipSuperblockSlot(victim, 1);

    servers.forget();
    servers.start(victim);
    servers.awaitNewLife();

    assertWholeAgain(victim);
    assertLogged(victim, "counts as wiped");
    // What it had is moved aside for people, not deleted.
    try (Stream<Path> files = Files.list(servers.dataDir(victim))) {
      assertThat(files.map(path -> String.valueOf(path.getFileName())))
          .anyMatch(name -> name.startsWith("history-") && name.contains("orphaned"));
    }
  }

  @Test
  void wipedServer_hasNoVoteBeforeAQuorumKnowsIt() throws IOException, InterruptedException {
    int victim = killedFollower();
    int other = servers.follower();
    int leader = servers.leader();
    servers.closeClients();
    servers.kill(leader);
    deleteAll(servers.dataDir(victim));

    // It has no memory of what it acknowledged: with one other it could elect an empty leader.
    servers.start(victim);
    servers.assertNobodyLeads();
    servers.forget();
    servers.start(leader);
    servers.awaitNewLife();
    servers.assertEqualStates();
    assertThat(servers.clientOf(other).blocking().get("/a").stat().version()).isEqualTo(WRITES);
    assertWholeAgain(victim);
  }

  // --- the disk ----------------------------------------------------------------------------------

  @Test
  void failingFsync_stopsTheServerForGoodAndNobodyElse() throws InterruptedException {
    int victim = killedFollower();
    FaultyDisk[] disks = new FaultyDisk[1];
    servers.start(victim, Servers.SECRET, disk -> disks[0] = new FaultyDisk(disk));
    servers.assertEqualStates();
    FaultyDisk disk = disks[0];
    disk.failSyncs();

    clientBeside(victim).blocking().set("/a", new byte[3]);

    assertThat(servers.awaitFault(victim)).contains(FaultyDisk.SYNC_FAILURE);
    assertThat(disk.failures()).as("a failed sync is not tried again").isOne();
    assertOthersGoOn(victim);
    servers.kill(victim);
    servers.start(victim);
    assertWholeAgain(victim);
  }

  @Test
  void fullDisk_stopsTheServerAndNobodyElse() throws InterruptedException {
    int victim = killedFollower();
    FaultyDisk[] disks = new FaultyDisk[1];
    servers.start(victim, Servers.SECRET, disk -> disks[0] = new FaultyDisk(disk));
    servers.assertEqualStates();
    disks[0].failWrites();

    clientBeside(victim).blocking().set("/a", new byte[3]);

    assertThat(servers.awaitFault(victim)).contains(FaultyDisk.WRITE_FAILURE);
    assertOthersGoOn(victim);
    servers.kill(victim);
    servers.start(victim);
    assertWholeAgain(victim);
  }

  // --- the secret --------------------------------------------------------------------------------

  @Test
  void wrongSecret_isRefusedAndHasNoVote() throws InterruptedException {
    int victim = killedFollower();
    lines.clear();

    servers.start(victim, Secret.of("the secret of somebody else's"), UnaryOperator.identity());

    Await.until(
        () -> "a refusal; found " + lines,
        () ->
            lines.stream()
                .anyMatch(
                    l -> l.contains("no link with server " + victim) && l.contains("SECRET")));
    assertOthersGoOn(victim);
    assertHasNoVote(victim);
    assertThat(servers.server(victim).serves()).isFalse();

    servers.stop(victim);
    servers.start(victim);
    assertWholeAgain(victim);
  }
}
