package labeler.chain.fuzz;

import labeler.chain.FileName;
import labeler.chain.format.FormatReader;
import labeler.chain.format.ParseResult;
import labeler.chain.format.Reference;
import labeler.chain.io.BoundedReader;
import labeler.chain.io.ReadBudget;
import labeler.chain.testing.MemoryImage;

/** Facts that hold for a parser's answer to any input. The caller sees that there is an answer and no exception. */
final class Check {
    /** The longest list that a format may have: 512 extents of VMDK, a parent, and 512 that qemu does not open. */
    private static final int MOST_REFERENCES = 1025;

    /** The longest name, bytes: a locator of VHDX, whose 65535 bytes of UTF-16 take half as much again in UTF-8. */
    private static final int LONGEST_NAME = 98_304;

    private Check() {}

    /** Parses twice: the two answers must be equal; returns the answer. */
    static ParseResult parser(FormatReader format, byte[] input) {
        ParseResult first = parse(format, input);
        ParseResult second = parse(format, input);
        require(first.equals(second), "one input, two answers: " + first + " and " + second);
        return first;
    }

    private static ParseResult parse(FormatReader format, byte[] input) {
        MemoryImage image = new MemoryImage(input);
        ParseResult result = format.parse(new BoundedReader(image, ReadBudget.HEADER));
        withinBudget(image);
        switch (result) {
            case ParseResult.Parsed parsed -> parsed(parsed);
            case ParseResult.Failure failure -> line(failure.reason());
        }
        return result;
    }

    private static void parsed(ParseResult.Parsed parsed) {
        require(parsed.virtualSize().orElse(0) >= 0, "a size below 0");
        require(parsed.references().size() <= MOST_REFERENCES, "too many references");
        parsed.notes().forEach(note -> line(note.message()));
        for (Reference reference : parsed.references()) {
            switch (reference) {
                case Reference.Backing backing -> name(backing.name());
                case Reference.DataFile dataFile -> dataFile.name().ifPresent(Check::name);
                case Reference.Extent extent -> name(extent.name());
                case Reference.Unfollowed named -> name(named.name());
            }
        }
    }

    static void withinBudget(MemoryImage image) {
        require(image.reads() <= ReadBudget.HEADER.reads(), image.reads() + " reads of one file");
        require(image.bytesAsked() <= ReadBudget.HEADER.bytes(), image.bytesAsked() + " bytes of one file");
    }

    /** A message goes to a terminal and to a log as one line, for every image. */
    static void line(String message) {
        require(
                !message.isEmpty() && message.chars().noneMatch(Character::isISOControl),
                "not one line: " + FileName.of(message).printable());
    }

    private static void name(FileName name) {
        require(!name.isEmpty() && name.length() <= LONGEST_NAME, "a name of " + name.length() + " bytes");
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
