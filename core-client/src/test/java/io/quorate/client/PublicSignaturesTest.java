package io.quorate.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Goal: whoever uses the client meets no library but the JDK and Micrometer's registry, and nothing
 * of the client's inside. Method: every type that a signature of {@code io.quorate.client} names.
 */
final class PublicSignaturesTest {
  private static final Set<String> PACKAGES = Set.of("io.quorate.client", "io.quorate.data");
  private static final String REGISTRY = "io.micrometer.core.instrument.MeterRegistry";

  @Test
  void publicSignatures_nameTheJdkTheClientAndTheRegistryOnly() {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.quorate.client");
    List<String> strangers = new ArrayList<>();
    int members = 0;
    for (JavaClass type : classes) {
      if (!type.getPackageName().equals("io.quorate.client") || !isVisible(type)) {
        continue;
      }
      for (JavaMember member : type.getMembers()) {
        if (!isVisible(member.getModifiers())) {
          continue;
        }
        members++;
        for (JavaClass named : member.getAllInvolvedRawTypes()) {
          if (!isAllowed(named.getBaseComponentType())) {
            strangers.add(member.getFullName() + " names " + named.getName());
          }
        }
      }
    }
    assertThat(members).as("visible members").isGreaterThan(200);
    assertThat(strangers).isEmpty();
  }

  private static boolean isVisible(JavaClass type) {
    return isVisible(type.getModifiers())
        && type.getEnclosingClass().map(PublicSignaturesTest::isVisible).orElse(true);
  }

  private static boolean isVisible(Set<JavaModifier> modifiers) {
    return !modifiers.contains(JavaModifier.SYNTHETIC)
        && (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED));
  }

  private static boolean isAllowed(JavaClass type) {
    return type.isPrimitive()
        || type.getPackageName().startsWith("java.")
        || PACKAGES.contains(type.getPackageName())
        || type.getName().equals(REGISTRY);
  }
}
