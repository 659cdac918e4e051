package io.quorate.recipes.base;

/** A codec of two functions that may throw anything. */
record FunctionCodec<T>(
    String what, Codec.Encoder<? super T> encoder, Codec.Decoder<? extends T> decoder)
    implements Codec<T> {

  @Override
  public byte[] encode(T value) {
    try {
      return encoder.encode(value);
    } catch (Exception e) { // thread top: code of the user, whose failure is about one value
      throw new CodecException("expected a value that can be written as " + what, e);
    }
  }

  @Override
  public T decode(byte[] bytes) {
    try {
      return decoder.decode(bytes);
    } catch (Exception e) { // thread top: code of the user, whose failure is about one value
      throw new CodecException(
          "expected %s, found %d bytes that are none: %s"
              .formatted(what, bytes.length, e.getMessage()),
          e);
    }
  }
}
