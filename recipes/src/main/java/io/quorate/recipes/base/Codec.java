package io.quorate.recipes.base;

import java.nio.charset.StandardCharsets;

/**
 * Turns values into the bytes of a znode and back. Thread-safe; keeps no array that it was given.
 *
 * <p>Whoever reads may be older or newer than whoever wrote: a codec tolerates what it does not
 * know, and never makes a class that the bytes name.
 */
public interface Codec<T> {

  /** The bytes as they are. Not copied: nobody changes an array that was handed over. */
  Codec<byte[]> BYTES = of("bytes", value -> value, bytes -> bytes);

  /** Text in UTF-8; malformed bytes become replacement characters. */
  Codec<String> TEXT =
      of(
          "text",
          value -> value.getBytes(StandardCharsets.UTF_8),
          bytes -> new String(bytes, StandardCharsets.UTF_8));

  /**
   * @throws CodecException if the value can't be written
   */
  byte[] encode(T value);

  /**
   * @param bytes maybe empty, never null
   * @throws CodecException if the bytes are no such value
   */
  T decode(byte[] bytes);

  /**
   * A codec of two functions; what they throw becomes a {@link CodecException}.
   *
   * @param what for messages: what the bytes should be
   */
  static <T> Codec<T> of(String what, Encoder<? super T> encoder, Decoder<? extends T> decoder) {
    return new FunctionCodec<>(what, encoder, decoder);
  }

  /** The one half. */
  @FunctionalInterface
  interface Encoder<T> {
    byte[] encode(T value) throws Exception;
  }

  /** The other half. */
  @FunctionalInterface
  interface Decoder<T> {
    T decode(byte[] bytes) throws Exception;
  }
}
