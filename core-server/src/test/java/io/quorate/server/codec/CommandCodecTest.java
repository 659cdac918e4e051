package io.quorate.server.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.quorate.data.Acl;
import io.quorate.data.CreateMode;
import io.quorate.data.ErrorCode;
import io.quorate.data.Identity;
import io.quorate.data.ReadOp;
import io.quorate.data.WriteOp;
import io.quorate.server.statemachine.Command;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The layout of commands: golden bytes, and nothing but encodings decodes. */
class CommandCodecTest {
  private static final String IDS =
      "000000010000000a 000000010000000b 0000000000000003 0000000000000002 ";

  private static final String NOBODY = "00000000 ";
  private static final String OPEN_FOR_EVER = "ffffffff 0000000000000000 0000000000000000";

  private static Command write(WriteOp op) {
    return new Command.Write(0x1_0000_000AL, 0x1_0000_000BL, 3, 2, op);
  }

  static Stream<Arguments> golden() {
    return Stream.of(
        arguments(
            new Command.OpenSession(2, 0x1122334455667788L, new byte[] {1, 2}, 6000, "b\u00e9"),
            "01 01 00000002 1122334455667788 00000002 0102 0000000000001770 00000003 62c3a9"),
        arguments(
            new Command.AttachSession(-1, -2, 7, new byte[] {9}),
            "01 02 ffffffff fffffffffffffffe 0000000000000007 00000001 09"),
        arguments(new Command.CloseSession(7, 8), "01 03 0000000000000007 0000000000000008"),
        arguments(new Command.ExpireSession(7, 8), "01 04 0000000000000007 0000000000000008"),
        arguments(
            write(new WriteOp.Create("/a", new byte[] {5}, CreateMode.EPHEMERAL_SEQUENTIAL)),
            "01 05 " + IDS + NOBODY + "01 03 00000002 2f61 00000001 05" + OPEN_FOR_EVER),
        arguments(
            write(new WriteOp.Create("/a", null, CreateMode.PERSISTENT)),
            "01 05 " + IDS + NOBODY + "01 00 00000002 2f61 ffffffff" + OPEN_FOR_EVER),
        arguments(
            write(new WriteOp.Delete("/a", -1)),
            "01 05 " + IDS + NOBODY + "02 00000002 2f61 ffffffff"),
        arguments(
            write(new WriteOp.SetData("/a", new byte[0], 4)),
            "01 05 " + IDS + NOBODY + "03 00000002 2f61 00000000 00000004"),
        arguments(
            write(new WriteOp.CheckVersion("", 4)),
            "01 05 " + IDS + NOBODY + "04 00000000 00000004"),
        arguments(
            write(new WriteOp.CheckCzxid("/\ud800", 4)),
            "01 05 " + IDS + NOBODY + "05 fffffffe 002fd800 0000000000000004"),
        arguments(
            write(
                new WriteOp.Multi(
                    List.of(new WriteOp.Delete("/a", 1), new WriteOp.CheckVersion("/b", 2)))),
            "01 05 "
                + IDS
                + NOBODY
                + "06 00000002 02 00000002 2f61 00000001 04 00000002 2f62 00000002"),
        arguments(
            new Command.Write(
                0x1_0000_000AL,
                0x1_0000_000BL,
                3,
                2,
                List.of(new Identity("ip", "::1")),
                new WriteOp.Create(
                    "/a", null, CreateMode.PERSISTENT_TTL, Acl.READ_ONLY, 0x100, 0x200)),
            "01 05 "
                + IDS
                + "00000001 00000002 6970 00000003 3a3a31 01 05 00000002 2f61 ffffffff"
                + " 00000001 00000001 00000005 776f726c64 00000006 616e796f6e65"
                + " 0000000000000100 0000000000000200"),
        arguments(
            write(new WriteOp.SetAcl("/a", List.of(), 5)),
            "01 05 " + IDS + NOBODY + "07 00000002 2f61 00000000 00000005"),
        arguments(
            write(new WriteOp.SetExpiry("/a", 1)),
            "01 05 " + IDS + NOBODY + "08 00000002 2f61 0000000000000001"),
        arguments(
            write(
                new WriteOp.Multi(
                    List.of(
                        new WriteOp.Read(new ReadOp.Get("/a")),
                        new WriteOp.Read(new ReadOp.Exists("/a")),
                        new WriteOp.Read(new ReadOp.Children("/a", "b", 2)),
                        new WriteOp.Read(new ReadOp.GetAcl("/a")),
                        new WriteOp.Read(new ReadOp.SubtreeCount("/a", 7)),
                        new WriteOp.Read(new ReadOp.Ephemerals("/a", "", 2)),
                        new WriteOp.Read(new ReadOp.WhoAmI())))),
            "01 05 "
                + IDS
                + NOBODY
                + "06 00000007 09 01 00000002 2f61 09 02 00000002 2f61 09 03 00000002 2f61 00000001"
                + " 62 00000002 09 04 00000002 2f61 09 05 00000002 2f61 0000000000000007 09 06"
                + " 00000002 2f61 00000000 00000002 09 07"),
        arguments(
            new Command.Sweep(List.of(new Command.Sweep.Target("/a", 1, 2, -1))),
            "01 07 00000001 00000002 2f61 0000000000000001 0000000000000002 ffffffff"),
        arguments(
            new Command.RefusedWrite(
                0x1_0000_000AL, 0x1_0000_000BL, 3, 2, ErrorCode.REQUEST_TOO_LARGE, 6, 4, 5),
            "01 06 " + IDS + "fffffc13 00000006 0000000000000004 0000000000000005"),
        arguments(new Command.RaiseVersion(2), "01 08 00000002"));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void everyCommand_hasItsBytes(Command command, String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    assertThat(CommandCodec.encode(command)).isEqualTo(bytes);
    assertThat(CommandCodec.decode(bytes)).usingRecursiveComparison().isEqualTo(command);
  }

  @ParameterizedTest
  @MethodSource("golden")
  void truncatedAndExtendedBytes_areRefused(Command command, String hex) {
    byte[] bytes = CommandCodec.encode(command);
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatIllegalArgumentException()
          .as("%d of %s", length, hex)
          .isThrownBy(() -> CommandCodec.decode(cut));
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
    assertThatIllegalArgumentException().isThrownBy(() -> CommandCodec.decode(longer));
  }

  /**
   * Every single byte changed to every value: decodes to a command with exactly these bytes, or
   * not.
   */
  @ParameterizedTest
  @MethodSource("golden")
  void changedBytes_decodeToWhatEncodesToThem_orAreRefused(Command command, String hex) {
    byte[] bytes = CommandCodec.encode(command);
    for (int at = 0; at < bytes.length; at++) {
      for (int value = 0; value < 256; value++) {
        byte[] changed = bytes.clone();
        changed[at] = (byte) value;
        expectStrict(changed);
      }
    }
  }

  @Property(tries = 2000)
  void randomBytes_areNeverMoreThanRefused(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = new byte[random.nextInt(120)];
    random.nextBytes(bytes);
    if (bytes.length > 2 && random.nextInt(4) > 0) {
      bytes[0] = 1;
      bytes[1] = (byte) (1 + random.nextInt(6));
    }
    for (int i = 2; i < bytes.length; i++) {
      if (random.nextInt(3) > 0) {
        bytes[i] = (byte) random.nextInt(4);
      }
    }
    expectStrict(bytes);
  }

  @Test
  void hugeCounts_allocateNothing() {
    for (String tail : List.of("01 00 7fffffff", "06 7fffffff", "02 80000000", "02 80000001")) {
      byte[] bytes = HexFormat.of().parseHex(("0105" + IDS + tail).replace(" ", ""));
      assertThatIllegalArgumentException().isThrownBy(() -> CommandCodec.decode(bytes));
    }
  }

  @Test
  void multiInsideAMultiAndEmptyMulti_areRefused() {
    for (String tail : List.of("06 00000000", "06 00000001 06 00000001 04 00000000 00000000")) {
      byte[] bytes = HexFormat.of().parseHex(("0105" + IDS + tail).replace(" ", ""));
      assertThatIllegalArgumentException().isThrownBy(() -> CommandCodec.decode(bytes));
    }
  }

  @Test
  void largestMulti_survives() {
    WriteOp op = new WriteOp.Create("/x", new byte[100], CreateMode.PERSISTENT_SEQUENTIAL);
    Command command = write(new WriteOp.Multi(Collections.nCopies(4096, op)));
    assertThat(CommandCodec.encode(CommandCodec.decode(CommandCodec.encode(command))))
        .isEqualTo(CommandCodec.encode(command));
  }

  @Test
  void unknownLayout_isNamed() {
    assertThatThrownBy(() -> CommandCodec.decode(new byte[] {2, 3}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("layout 1")
        .hasMessageContaining("found 2");
  }

  private static void expectStrict(byte[] bytes) {
    Command decoded;
    try {
      decoded = CommandCodec.decode(bytes);
    } catch (IllegalArgumentException e) {
      return;
    }
    assertThat(CommandCodec.encode(decoded)).isEqualTo(bytes);
  }
}
