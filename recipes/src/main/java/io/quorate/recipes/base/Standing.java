package io.quorate.recipes.base;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A queue of ephemeral sequential znodes, as seen from one's own place in it.
 *
 * @param places in the order of the queue, which is that of the numbers and not of the names
 * @param index of one's own place; -1 if one has none
 * @param atCreation whether this is the queue at the very zxid at which the own place was created
 * @param others names of znodes in the directory that are no places, in name order
 */
public record Standing(List<Place> places, int index, boolean atCreation, List<String> others) {
  public Standing {
    places = List.copyOf(places);
    others = List.copyOf(others);
  }

  /**
   * Puts names in order.
   *
   * @param prefixOf gives the prefix of a name that may belong to the queue, else null
   */
  public static Standing of(
      List<String> names, String ownName, Function<String, @Nullable String> prefixOf) {
    List<Place> places = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (String name : names) {
      String prefix = prefixOf.apply(name);
      Place place = prefix == null ? null : Place.of(prefix, name);
      if (place == null) {
        others.add(name);
      } else {
        places.add(place);
      }
    }
    // The numbers may have wrapped around: what is before what is told by the distance of each from
    // any one of them, as all of them are within half of the circle.
    if (!places.isEmpty()) {
      int origin = places.get(0).number();
      places.sort(Comparator.comparingInt(place -> place.number() - origin));
    }
    int index = -1;
    for (int i = 0; i < places.size(); i++) {
      if (places.get(i).name().equals(ownName)) {
        index = i;
      }
    }
    return new Standing(places, index, false, others);
  }

  Standing atCreationOfOwn() {
    return new Standing(places, index, true, others);
  }

  /** Gives the first of {@code prefixes} that a name begins with, else null. */
  public static Function<String, @Nullable String> prefixes(String... prefixes) {
    List<String> all = List.of(prefixes);
    return name -> {
      for (String prefix : all) {
        if (name.startsWith(prefix)) {
          return prefix;
        }
      }
      return null;
    };
  }

  public boolean isPresent() {
    return index >= 0;
  }

  public boolean isFirst() {
    return index == 0;
  }

  public Place own() {
    return places.get(index);
  }

  /** Who is directly before; null if nobody is. */
  public @Nullable Place predecessor() {
    return index <= 0 ? null : places.get(index - 1);
  }

  /** Who is first; null if nobody is. */
  public @Nullable Place first() {
    return places.isEmpty() ? null : places.get(0);
  }

  /** The nearest place before one's own that begins with {@code prefix}; null if there is none. */
  public @Nullable Place nearestBefore(String prefix) {
    for (int i = index - 1; i >= 0; i--) {
      if (Objects.equals(places.get(i).prefix(), prefix)) {
        return places.get(i);
      }
    }
    return null;
  }
}
