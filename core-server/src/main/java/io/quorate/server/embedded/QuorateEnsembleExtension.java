package io.quorate.server.embedded;

import io.quorate.client.QuorateClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Does what {@link QuorateEnsemble} says. An ensemble is started when it is first asked for, and
 * kept in the store of the class or of the test.
 */
public final class QuorateEnsembleExtension
    implements ParameterResolver, AfterEachCallback, AfterAllCallback {
  private static final Namespace NAMESPACE = Namespace.create(QuorateEnsembleExtension.class);

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == EmbeddedEnsemble.class || type == QuorateClient.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == EmbeddedEnsemble.class
        ? ensemble(context)
        : client(context);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    QuorateClient client =
        context.getStore(NAMESPACE).remove(QuorateClient.class, QuorateClient.class);
    if (client != null) {
      client.close();
    }
    if (annotation(context).scope() == QuorateEnsemble.Scope.METHOD) {
      closeEnsemble(context);
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    QuorateClient client =
        context.getStore(NAMESPACE).remove(QuorateClient.class, QuorateClient.class);
    if (client != null) {
      client.close();
    }
    closeEnsemble(context);
  }

  private static void closeEnsemble(ExtensionContext context) {
    EmbeddedEnsemble ensemble =
        context.getStore(NAMESPACE).remove(EmbeddedEnsemble.class, EmbeddedEnsemble.class);
    if (ensemble != null) {
      ensemble.close();
    }
  }

  private static EmbeddedEnsemble ensemble(ExtensionContext context) {
    QuorateEnsemble wanted = annotation(context);
    ExtensionContext owner =
        wanted.scope() == QuorateEnsemble.Scope.METHOD
            ? requireTest(context)
            : classContext(context);
    Store store = owner.getStore(NAMESPACE);
    EmbeddedEnsemble present = store.get(EmbeddedEnsemble.class, EmbeddedEnsemble.class);
    if (present != null) {
      return present;
    }
    EmbeddedEnsemble started =
        EmbeddedEnsemble.builder().servers(wanted.servers()).observers(wanted.observers()).start();
    store.put(EmbeddedEnsemble.class, started);
    return started;
  }

  private static QuorateClient client(ExtensionContext context) {
    // A nested store shows what those around it hold: a client of @BeforeAll serves the tests, too.
    Store store = context.getStore(NAMESPACE);
    QuorateClient present = store.get(QuorateClient.class, QuorateClient.class);
    if (present != null) {
      return present;
    }
    QuorateClient client = ensemble(context).client(context.getDisplayName());
    store.put(QuorateClient.class, client);
    return client;
  }

  private static ExtensionContext requireTest(ExtensionContext context) {
    if (context.getTestMethod().isEmpty()) {
      throw new ParameterResolutionException(
          "with @QuorateEnsemble(scope = METHOD) an ensemble lives as long as a test: ask for it in"
              + " @BeforeEach or in the test, not in @BeforeAll or the constructor");
    }
    return context;
  }

  /** The context of the class that carries the annotation. */
  private static ExtensionContext classContext(ExtensionContext context) {
    ExtensionContext found = null;
    for (ExtensionContext at = context; at != null; at = at.getParent().orElse(null)) {
      if (annotationOf(at) != null && at.getTestMethod().isEmpty()) {
        found = at;
      }
    }
    return found == null ? context : found;
  }

  private static QuorateEnsemble annotation(ExtensionContext context) {
    for (ExtensionContext at = context; at != null; at = at.getParent().orElse(null)) {
      QuorateEnsemble found = annotationOf(at);
      if (found != null) {
        return found;
      }
    }
    throw new ParameterResolutionException(
        "@QuorateEnsemble is missing on " + context.getDisplayName());
  }

  private static @Nullable QuorateEnsemble annotationOf(ExtensionContext context) {
    return context
        .getTestClass()
        .map(type -> type.getAnnotation(QuorateEnsemble.class))
        .orElse(null);
  }
}
