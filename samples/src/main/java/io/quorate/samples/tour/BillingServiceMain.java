package io.quorate.samples.tour;

import io.quorate.client.QuorateClient;
import java.time.Duration;

/** Runs a {@link BillingService}. */
public final class BillingServiceMain {
  private BillingServiceMain() {}

  /**
   * Arguments: name, servers, session timeout in milliseconds, lock path, port of the store. Ends
   * with standard input.
   */
  public static void main(String[] args) throws InterruptedException {
    QuorateClient client =
        QuorateClient.builder(args[1])
            .clientName(args[0])
            .sessionTimeout(Duration.ofMillis(Long.parseLong(args[2])))
            .build();
    BillingService service =
        new BillingService(args[0], client, args[3], Integer.parseInt(args[4]));
    // A halt and no clean end, because that is how processes end when it matters.
    Orders.listen(service::obey, () -> Runtime.getRuntime().halt(0));
    service.work();
  }
}
