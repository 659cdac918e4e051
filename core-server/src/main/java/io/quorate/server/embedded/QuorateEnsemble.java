package io.quorate.server.embedded;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a JUnit 5 test class an {@link EmbeddedEnsemble}: parameters of constructors, test methods
 * and lifecycle methods of the types {@link EmbeddedEnsemble} and {@link
 * io.quorate.client.QuorateClient} are filled in.
 *
 * <pre>{@code
 * @QuorateEnsemble(servers = 3)
 * class InvoicesTest {
 *   @Test
 *   void invoices_surviveTheLeader(EmbeddedEnsemble ensemble, QuorateClient client) { ... }
 * }
 * }</pre>
 *
 * <p>Each test gets a client of its own, the same wherever it asks for one, closed after it. Needs
 * {@code junit-jupiter-api} on the class path of the tests.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@ExtendWith(QuorateEnsembleExtension.class)
public @interface QuorateEnsemble {
  /** How many that vote, 1 to 9. */
  int servers() default 3;

  /** How many more that only follow, 0 to 9. */
  int observers() default 0;

  /** How long an ensemble lives. */
  Scope scope() default Scope.CLASS;

  /** How long an ensemble lives. */
  enum Scope {
    /**
     * One for all tests of the class: fast, but a test finds what the others left, and should start
     * again what it killed.
     */
    CLASS,
    /** A fresh one for each test. */
    METHOD
  }
}
