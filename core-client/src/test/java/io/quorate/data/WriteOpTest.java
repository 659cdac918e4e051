package io.quorate.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class WriteOpTest {
  @Test
  void operationsAsText_showHowLongTheirDataIs() {
    WriteOp create = new WriteOp.Create("/a", new byte[3], CreateMode.PERSISTENT);
    WriteOp set = new WriteOp.SetData("/a", null, 7);

    assertThat(new WriteOp.Multi(List.of(create, set)).toString())
        .contains("path=/a, data=3 bytes", "data=null, expectedVersion=7");
  }
}
