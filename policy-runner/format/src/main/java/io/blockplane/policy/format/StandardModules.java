package io.blockplane.policy.format;

import java.util.Arrays;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/** The modules of Python's standard library that do their work inside a policy. */
final class StandardModules {

    /** Not those that need the network, processes, threads, a screen or native code. */
    static final SortedSet<String> NAMES =
            Collections.unmodifiableSortedSet(
                    new TreeSet<>(
                            Arrays.asList(
                                    """
                                    abc argparse array ast base64 binascii bisect calendar cmath
                                    codecs collections colorsys configparser contextlib
                                    contextvars copy csv dataclasses datetime decimal difflib enum
                                    errno fnmatch fractions functools graphlib hashlib heapq hmac
                                    html importlib inspect io ipaddress itertools json keyword
                                    locale logging math numbers operator os pathlib pickle
                                    pkgutil pprint queue random re reprlib secrets shlex
                                    statistics string struct sys textwrap time
                                    timeit token tokenize tomllib traceback types typing
                                    unicodedata unittest uuid warnings weakref zlib
                                    """
                                            .strip()
                                            .split("\\s+"))));

    private StandardModules() {}
}
