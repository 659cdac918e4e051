package io.quorate.server.transport.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class ConnectionLimitsTest {
  private final InetAddress here = address(1);
  private final InetAddress there = address(2);

  private static InetAddress address(int last) {
    try {
      return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last});
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void oneAddress_getsNoMoreThanItsShare() {
    ConnectionLimits limits = new ConnectionLimits(10, 2);
    assertThat(limits.enter(here)).isEqualTo(Admission.ADMITTED);
    assertThat(limits.enter(here)).isEqualTo(Admission.ADMITTED);
    assertThat(limits.enter(here)).isEqualTo(Admission.SHED);
    assertThat(limits.enter(there)).isEqualTo(Admission.ADMITTED);
    limits.leave(here, Admission.ADMITTED);
    assertThat(limits.enter(here)).isEqualTo(Admission.ADMITTED);
  }

  @Test
  void allAddresses_getNoMoreThanTheTotal() {
    ConnectionLimits limits = new ConnectionLimits(1, 1);
    assertThat(limits.enter(here)).isEqualTo(Admission.ADMITTED);
    assertThat(limits.enter(there)).isEqualTo(Admission.SHED);
    limits.leave(there, Admission.SHED);
    limits.leave(here, Admission.ADMITTED);
    assertThat(limits.admitted()).isZero();
    assertThat(limits.enter(there)).isEqualTo(Admission.ADMITTED);
  }

  @Test
  void thoseWhoAreToldThatThereAreTooMany_areBoundedToo() {
    ConnectionLimits limits = new ConnectionLimits(1, 1);
    limits.enter(here);
    for (int i = 0; i < ConnectionLimits.SHEDDING_MAX; i++) {
      assertThat(limits.enter(there)).isEqualTo(Admission.SHED);
    }
    assertThat(limits.enter(there)).isEqualTo(Admission.DROPPED);
    limits.leave(there, Admission.DROPPED);
    limits.leave(there, Admission.SHED);
    assertThat(limits.enter(there)).isEqualTo(Admission.SHED);
  }
}
