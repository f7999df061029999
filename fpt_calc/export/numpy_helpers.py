"""The root finders that exported code carries with it, as text: the code imports numpy only."""

from __future__ import annotations

SPECTRAL_TRACES = '''
def Tr(x):
    """The trace of a matrix that is given by its eigenvalues."""
    return np.sum(x, axis=-1)


def tau(x):
    """The normalized trace Tr(x)/dim."""
    return np.mean(x, axis=-1)
'''

DENSE_TRACES = '''
def Tr(x):
    """The trace, over the last two axes."""
    return np.trace(x, axis1=-2, axis2=-1)


def tau(x):
    """The normalized trace Tr(x)/dim."""
    return Tr(x)/x.shape[-1]
'''

MATRIX_ROOT = '''
def sqrtm(x):
    """The square root of a positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(x)
    root = np.sqrt(np.clip(values, 0, None))
    return (vectors*root[..., None, :]) @ np.conj(np.swapaxes(vectors, -1, -2))
'''

INCREASING_ROOT = '''
def increasing_root(f):
    """The root x > 0 of an increasing function, elementwise: first a bracket, then Ridder's method."""
    low = high = np.ones(np.shape(f(np.ones(()))))
    while np.any(below := f(high) < 0):
        high = np.where(below, 4*high, high)
    while np.any(above := f(low) > 0):
        low = np.where(above, low/4, low)
    f_low, f_high, x = f(low), f(high), low
    for _ in range(100):
        middle, previous = (low + high)/2, x
        f_middle = f(middle)
        root = np.sqrt(f_middle**2 - f_low*f_high)
        x = middle - (middle - low)*f_middle/np.where(root > 0, root, 1)
        for point, value in ((middle, f_middle), (x, f(x))):
            inside = (low <= point) & (point <= high)
            left, right = inside & (value < 0), inside & (value >= 0)
            low, f_low = np.where(left, point, low), np.where(left, value, f_low)
            high, f_high = np.where(right, point, high), np.where(right, value, f_high)
        if np.all(np.minimum(high - low, np.abs(x - previous)) <= 4e-16*high):
            break
    return x
'''

QUADRATIC_ROOT = '''
def quadratic_root(a, b, c, sign):
    """The root (-b + sign*sqrt(b**2 - 4*a*c))/(2*a), without cancellation."""
    root = np.sqrt(b**2 - 4*a*c)
    q = -(b + np.where(b < 0, -root, root))/2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((b < 0) == (sign > 0), q/a, c/q)
'''

JACOBIAN = '''
def jacobian(f, x, value):
    """The derivatives of f at x by differences; the last axis of x and f(x) counts the unknowns."""
    columns = []
    for k in range(x.shape[-1]):
        step = 1e-7*np.abs(x[..., k])
        moved = x.copy()
        moved[..., k] += step
        columns.append((f(moved) - value)/step[..., None])
    return np.stack(columns, axis=-1)
'''

FIXED_POINT = '''
def fixed_point(f, start):
    """The fixed point that damped iteration from ``start`` approaches, elementwise; Newton steps where they help."""
    def g(x):
        return np.stack(np.broadcast_arrays(*f(*np.moveaxis(x, -1, 0))), axis=-1)

    def newton(x, value):
        matrix = jacobian(g, x, value) - np.eye(x.shape[-1])
        return x - np.linalg.solve(matrix, (value - x)[..., None])[..., 0]

    def distance(x, value):
        return np.max(np.abs(value - x)/np.abs(x), axis=-1)

    def side(x):
        return np.sign(x.imag if np.iscomplexobj(x) else x)

    x = np.stack(np.broadcast_arrays(*start), axis=-1)
    x = x + 0*g(x)
    for _ in range(10000):
        value = g(x)
        if np.all(distance(x, value) < 1e-12):
            return list(np.moveaxis(newton(x, value), -1, 0))
        new = newton(x, value)
        better = distance(new, g(new)) < distance(x, value)/2
        better &= np.all(side(new) == side(value), axis=-1)
        x = np.where(better[..., None], new, (x + value)/2)
    raise ArithmeticError("the iteration does not converge")
'''

FOLLOW = '''
def follow(f, x, known, wanted):
    """The root of f(*x, *values) = 0 at the wanted values, continued in small steps from the root x at known ones.

    The path is geometric between positive numbers and straight between others.
    """
    def between(t, a, b):
        return a*(b/a)**t if np.isrealobj(b) and np.all(b > 0) else a + t*(b - a)

    def newton(x, values):
        def g(x):
            return np.stack(np.broadcast_arrays(*f(*np.moveaxis(x, -1, 0), *values)), axis=-1)

        for k in range(12):
            value = g(x)
            move = np.linalg.solve(jacobian(g, x, value), value[..., None])[..., 0]
            size = np.max(np.abs(move)/np.abs(x))
            x = x - move
            if not size < (0.2 if k == 0 else 1) or size < 1e-14:
                break
        return x, size

    t, step = 0.0, 0.05
    shape = np.broadcast_shapes(*(np.shape(w) for w in wanted))
    x = np.broadcast_to(np.array(x), (*shape, len(x)))
    while t < 1:
        step = min(step, 1 - t)
        new, size = newton(x, [between(t + step, a, b) for a, b in zip(known, wanted)])
        if size < 1e-9:
            x, t, step = new, t + step, 2*step
        elif (step := step/2) < 1e-7:
            raise ArithmeticError(f"the root cannot be followed beyond {t:.3g} of the path to these values")
    return list(np.moveaxis(x, -1, 0))
'''
