package labeler.it;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** A condition as sesearch(1) prints it: names, {@code ! && || ^ == !=} and parentheses, words apart. */
final class BooleanExpression {
    private final Iterator<String> words;
    private final Map<String, Boolean> values;
    private String word = "";

    BooleanExpression(String text, Map<String, Boolean> values) {
        List<String> all = Arrays.asList(text.strip().split("\\s+"));
        this.words = all.iterator();
        this.values = values;
        next();
    }

    private void next() {
        word = words.hasNext() ? words.next() : "";
    }

    boolean value() {
        boolean value = or();
        if (!word.isEmpty()) {
            throw new IllegalArgumentException("not understood in a condition: " + word);
        }
        return value;
    }

    private boolean or() {
        boolean value = and();
        while (word.equals("||") || word.equals("^")) {
            boolean exclusive = word.equals("^");
            next();
            boolean other = and();
            value = exclusive ? value ^ other : value || other;
        }
        return value;
    }

    private boolean and() {
        boolean value = equality();
        while (word.equals("&&")) {
            next();
            boolean other = equality();
            value = value && other;
        }
        return value;
    }

    private boolean equality() {
        boolean value = not();
        while (word.equals("==") || word.equals("!=")) {
            boolean equal = word.equals("==");
            next();
            boolean other = not();
            value = (value == other) == equal;
        }
        return value;
    }

    private boolean not() {
        if (word.equals("!")) {
            next();
            return !not();
        }
        if (word.equals("(")) {
            next();
            boolean value = or();
            if (!word.equals(")")) {
                throw new IllegalArgumentException("a parenthesis is not closed before " + word);
            }
            next();
            return value;
        }
        Boolean value = values.get(word);
        if (value == null) {
            throw new IllegalArgumentException("no boolean " + word);
        }
        next();
        return value;
    }
}
