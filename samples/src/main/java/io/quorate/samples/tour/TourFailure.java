package io.quorate.samples.tour;

/** The tour saw something that must not be. */
final class TourFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TourFailure(String message) {
    super(message);
  }
}
